/** @file twoview bench */
import type { Command } from 'commander';
import { benchSchema } from '../../config/bench.js';
import { bench } from '../../ssl/bench.js';
import { benchLines } from '../bench-table.js';
import { defineJob } from '../job-command.js';

export function define(command: Command): void {
  defineJob(command, {
    schema: benchSchema,
    examples: [
      '  twoview bench --model resnet18',
      '  # with the time of each operator:',
      '  twoview bench --model rexnet_150 --precision float32 --profile',
    ].join('\n'),
    run: (config, { io }) => bench(config, io),
    print: benchLines,
  });
}
