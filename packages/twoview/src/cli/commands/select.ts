/** @file twoview select */
import type { Command } from 'commander';
import { selectSchema } from '../../config/select.js';
import { select } from '../../select/select.js';
import { defineJob } from '../job-command.js';
import { addWeightsArgument } from '../run-argument.js';

export function define(command: Command): void {
  addWeightsArgument(command);
  defineJob(command, {
    schema: selectSchema,
    examples: [
      '  twoview select runs/photos --data photos/ --budget 50 --out to-label.csv',
      '  # the next 50, once those are labelled:',
      '  twoview select runs/photos --data photos/ --budget 50 \\',
      '                 --labelled to-label.csv --out more-to-label.csv',
    ].join('\n'),
    run: (config, { io }) => select(config, io),
    print: ({ chosen, images, labelled, file }, { method }) =>
      [
        `chosen    ${chosen.length.toLocaleString('en')} of ${images.toLocaleString('en')} images, by ${method}`,
        ...(labelled > 0 ? [`before    ${labelled.toLocaleString('en')} that have a label`] : []),
        `rows      ${file}: fill in the column label`,
      ].join('\n'),
  });
}
