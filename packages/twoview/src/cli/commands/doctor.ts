/** @file twoview doctor */
import { doctorReport, formatDoctor } from '@twoview/torch/engine';
import type { Command } from 'commander';

export function define(command: Command): void {
  command.option('--json', 'print JSON').action(async ({ json }: { json?: boolean }) => {
    const report = await doctorReport();
    console.log(json ? JSON.stringify(report) : formatDoctor(report));
    if (report.libtorch === null) process.exitCode = 1;
  });
}
