/** @file twoview report */
import type { Command } from 'commander';
import { writeReport } from '../../report/report.js';

export function define(command: Command): void {
  command
    .argument('<experiment>', 'experiment folder, made by compare')
    .option('--no-pictures', 'leave out all images of the data set, so that the page is small and may be shared')
    .action(async (experiment: string, options: { pictures: boolean }) =>
      console.log(await writeReport(experiment, options)),
    );
}
