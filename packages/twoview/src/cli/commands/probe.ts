/** @file twoview probe */
import type { Command } from 'commander';
import { probeSchema } from '../../config/evaluate.js';
import { evaluateProbe } from '../../evaluate/probe-run.js';
import { accuracyLines } from '../format.js';
import { defineJob } from '../job-command.js';
import { addWeightsArgument } from '../run-argument.js';

export function define(command: Command): void {
  addWeightsArgument(command);
  defineJob(command, {
    schema: probeSchema,
    examples: [
      '  twoview probe runs/photos --data photos/ --fraction 0.1',
      '  # the same by SGD, on random crops:',
      '  twoview finetune --init runs/photos --data photos/ --trainable classifier \\',
      '                   --out runs/probe',
    ].join('\n'),
    run: (config, { io }) => evaluateProbe(config, io),
    print: (result) => `${accuracyLines(result.metrics)}\nprobe     linear, on ${result.labels} labels`,
  });
}
