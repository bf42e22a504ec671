/** @file `twoview knn RUN` means `twoview knn --weights RUN`. */
import type { Command } from 'commander';

export function addWeightsArgument(command: Command): void {
  command.argument('[run]', 'a run folder or a weights file; the same as --weights');
  command.hook('preAction', (_, actionCommand) => {
    const [run] = actionCommand.args;
    if (run !== undefined && actionCommand.opts().weights === undefined) actionCommand.setOptionValue('weights', run);
  });
}
