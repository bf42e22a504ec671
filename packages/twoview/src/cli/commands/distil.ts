/** @file twoview distil */
import type { Command } from 'commander';
import { distilSchema } from '../../config/finetune.js';
import { distil } from '../../finetune/finetune.js';
import { defineJob } from '../job-command.js';
import { printed } from './finetune.js';

export function define(command: Command): void {
  defineJob(command, {
    schema: distilSchema,
    examples: [
      '  twoview distil --data labels.csv --teacher runs/classifier \\',
      '                 --init runs/pretrained --out runs/student',
      '  # into a smaller network:',
      '  twoview distil --data photos/ --teacher runs/large --model resnet18 \\',
      '                 --out runs/small',
    ].join('\n'),
    run: (config, { io }) => distil(config, io),
    print: (result) => printed(result, 'images'),
  });
}
