/** @file `twoview knn RUN` means `twoview knn --weights RUN`. */
import type { Command } from 'commander';

export const addWeightsArgument = (command: Command): void =>
  addArgument(command, 'weights', 'a run folder or a weights file');

/** `twoview inspect RUN` means `twoview inspect --run RUN`. */
export const addRunArgument = (command: Command, about = 'run folder of a pre-training'): void =>
  addArgument(command, 'run', about);

/** `twoview data SOURCE` means `twoview data --data SOURCE`. */
export const addSourceArgument = (command: Command): void => addArgument(command, 'data', 'images', 'source');

function addArgument(command: Command, setting: 'weights' | 'run' | 'data', about: string, name = 'run'): void {
  command.argument(`[${name}]`, `${about}; the same as --${setting}`);
  command.hook('preAction', (_, actionCommand) => {
    const [run] = actionCommand.args;
    if (run !== undefined && actionCommand.opts()[setting] === undefined) actionCommand.setOptionValue(setting, run);
  });
}
