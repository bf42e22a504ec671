/** @file twoview report */
import type { Command } from 'commander';
import { writeReport } from '../../report/report.js';

export function define(command: Command): void {
  command
    .argument('<experiment>', 'folder that compare wrote')
    .option('--no-pictures', 'leave the images of the data set out: a small page that may be shown to others')
    .action(async (experiment: string, options: { pictures: boolean }) =>
      console.log(await writeReport(experiment, options)),
    );
}
