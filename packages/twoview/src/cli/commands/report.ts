/** @file twoview report */
import type { Command } from 'commander';
import { writeReport } from '../../report/report.js';

export function define(command: Command): void {
  command
    .argument('<experiment>', 'folder that compare wrote')
    .action(async (experiment: string) => console.log(await writeReport(experiment)));
}
