/** @file twoview classify */
import type { Command } from 'commander';
import { classifySchema } from '../../config/classify.js';
import { classify } from '../../finetune/classify/classify.js';
import { accuracyLines, asPercent, duration } from '../format.js';
import { defineJob } from '../job-command.js';
import { addWeightsArgument } from '../run-argument.js';

export function define(command: Command): void {
  addWeightsArgument(command);
  defineJob(command, {
    schema: classifySchema,
    examples: [
      '  twoview classify runs/photos --data photos/ --labels 50 --out runs/photos-50',
      '  twoview classify runs/photos --data photos/ --fraction 0.01 \\',
      '                   --method propagate --out runs/propagated',
      '  # then predict with it, or train a student on its predictions:',
      '  twoview predict runs/photos-50 --data new/ --out predictions.csv',
      '  twoview distil --teacher runs/photos-50 --data photos/ --out runs/student',
    ].join('\n'),
    run: (config, { io }) => classify(config, io),
    print: ({ metrics, evaluatedOn, labels, run, choice, seconds }, { method }) =>
      [
        accuracyLines(metrics, evaluatedOn),
        `strength  ${Number(choice.strength.toPrecision(3))}: ${
          choice.accuracy === null
            ? choice.by
            : `${asPercent(choice.accuracy)} of labels that were left out (${choice.by})`
        }`,
        `trained   ${run}: ${method}, ${labels} labels; features ${duration(seconds.features)}, classifier ${seconds.head.toFixed(2)} s`,
      ].join('\n'),
  });
}
