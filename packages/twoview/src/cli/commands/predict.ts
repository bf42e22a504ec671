/** @file twoview predict */
import type { Command } from 'commander';
import { predictSchema } from '../../config/predict.js';
import { predict } from '../../finetune/predict.js';
import { asPercent, table } from '../format.js';
import { defineJob } from '../job-command.js';
import { addRunArgument } from '../run-argument.js';

const SHOWN = 20;

export function define(command: Command): void {
  addRunArgument(command, 'run folder of a classifier');
  defineJob(command, {
    schema: predictSchema,
    examples: '  twoview predict runs/photos-1pct --data photos/ --out predictions.csv',
    run: (config, { io }) => predict(config, io),
    print: ({ predictions, counts, accuracy, file }) =>
      [
        table([
          ['class', 'images'],
          ...counts.slice(0, SHOWN).map(([name, images]) => [name, images.toLocaleString('en')]),
        ]),
        ...(counts.length > SHOWN ? [`and ${counts.length - SHOWN} more classes`] : []),
        ...(accuracy === null ? [] : [`accuracy  ${asPercent(accuracy)} of the images that have a label`]),
        `rows      ${predictions.length.toLocaleString('en')} in ${file}`,
      ].join('\n'),
  });
}
