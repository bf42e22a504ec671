/** @file twoview embed */
import type { Command } from 'commander';
import { embedSchema } from '../../config/evaluate.js';
import { embed } from '../../evaluate/embed.js';
import { defineJob } from '../job-command.js';
import { addWeightsArgument } from '../run-argument.js';

export function define(command: Command): void {
  addWeightsArgument(command);
  defineJob(command, {
    schema: embedSchema,
    examples: '  twoview embed runs/photos --data photos/ --out features.safetensors',
    run: (config, { io }) => embed(config, io),
    print: (result) =>
      `features  [${result.count}, ${result.featureSize}] float32 in ${result.file}\nrows      ${result.index}`,
  });
}
