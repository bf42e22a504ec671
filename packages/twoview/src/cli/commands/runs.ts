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
    .argument('[folder]', 'where to look, folders inside included; without it, all runs that ended on this machine')
    .option('--json', 'print JSON')
    .description('list runs')
    .action((folder: string | undefined, { json }) => {
      const rows = folder === undefined ? rememberedRuns() : findRuns(folder);
      console.log(json ? JSON.stringify(rows) : table([HEAD, ...rows.map(rowOf)]));
    });
  command
    .command('show')
    .argument('<run>', 'a folder that pretrain, finetune or compare wrote')
    .description('show the settings and the result of a run')
    .action((run: string) => console.log(stringify(readRun(run))));
  command
    .command('best')
    .argument('[folder]', 'where to look', 'runs')
    .addOption(
      new Option('--by <measure>', 'what the best run is best at').choices(['accuracy', 'knn']).default('accuracy'),
    )
    .description('name the run with the highest accuracy on validation images, or kNN accuracy on held-out ones')
    .action((folder: string, { by }: { by: 'accuracy' | 'knn' }) =>
      console.log(table([HEAD, rowOf(bestRun(findRuns(folder), by, folder))])),
    );
}
