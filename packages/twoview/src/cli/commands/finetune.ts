/** @file twoview finetune */
import type { Command } from 'commander';
import { finetuneSchema } from '../../config/finetune.js';
import { finetune } from '../../finetune/finetune.js';
import type { DistilResult } from '../../finetune/outcome.js';
import { accuracyLines, duration } from '../format.js';
import { defineJob } from '../job-command.js';

export function define(command: Command): void {
  defineJob(command, {
    schema: finetuneSchema,
    examples: [
      '  twoview finetune --data photos/ --init runs/photos --fraction 0.01 \\',
      '                   --out runs/photos-1pct',
      '  # from scratch:',
      '  twoview finetune --data cifar10 --model resnet18 --fraction 0.1 \\',
      '                   --out runs/supervised',
    ].join('\n'),
    run: (config, { io }) => finetune(config, io),
    print: (result) => printed(result, 'labels'),
  });
}

/** @param unit what was trained on */
export const printed = (
  { metrics, evaluatedOn, run, labels, steps, seconds }: DistilResult,
  unit: 'labels' | 'images',
): string =>
  `${metrics === null ? 'accuracy  not measured: there are no labels to test by' : accuracyLines(metrics, evaluatedOn)}\ntrained   ${run}: ${labels} ${unit}, ${steps} steps, ${duration(seconds)}`;
