/** @file twoview runs ls | show | best */
import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import { bestRun, findRuns, type RunRow, readRun, rememberedRuns } from '../../runs/find-runs.js';
import { asPercent, table } from '../format.js';

const rowOf = ({ path, kind, model, done, accuracy, evaluatedOn, knn }: RunRow): string[] => [
  path,
  kind,
  model,
  done ? 'done' : 'not finished',
  accuracy === null ? '' : `${asPercent(accuracy)} ${evaluatedOn}`,
  knn === null ? '' : asPercent(knn),
];
const HEAD = ['run', 'kind', 'network', 'state', 'accuracy', 'kNN'];

export function define(command: Command): void {
  command.helpCommand(false);
  command
    .command('ls')
    .argument(
      '[folder]',
      'folder to search, with its subfolders; without it, all runs that have finished on this machine',
    )
    .option('--json', 'print JSON')
    .description('list runs')
    .action((folder: string | undefined, { json }) => {
      const rows = folder === undefined ? rememberedRuns() : findRuns(folder);
      console.log(json ? JSON.stringify(rows) : table([HEAD, ...rows.map(rowOf)]));
    });
  command
    .command('show')
    .argument('<run>', 'run folder, of pretrain, finetune or compare')
    .description('show the settings and the result of a run')
    .action((run: string) => console.log(stringify(readRun(run))));
  command
    .command('best')
    .argument('[folder]', 'folder to search, with its subfolders', 'runs')
    .addOption(new Option('--by <measure>', 'measure to rank runs by').choices(['accuracy', 'knn']).default('accuracy'))
    .description(
      'show the run with the highest accuracy on validation images, or the highest kNN accuracy on held-out images',
    )
    .action((folder: string, { by }: { by: 'accuracy' | 'knn' }) =>
      console.log(table([HEAD, rowOf(bestRun(findRuns(folder), by, folder))])),
    );
}
