/** @file twoview knn */
import type { Command } from 'commander';
import { knnSchema } from '../../config/evaluate.js';
import { evaluateKnn } from '../../evaluate/knn-run.js';
import { accuracyLines, asPercent } from '../format.js';
import { defineJob } from '../job-command.js';
import { addWeightsArgument } from '../run-argument.js';

export function define(command: Command): void {
  addWeightsArgument(command);
  defineJob(command, {
    schema: knnSchema,
    examples: [
      '  twoview knn runs/photos --data photos/',
      '  twoview knn --weights resnet18.safetensors --model resnet18 --data cifar10',
    ].join('\n'),
    run: (config, { io }) => evaluateKnn(config, io),
    print: (result) =>
      [
        accuracyLines(result.metrics),
        `kNN       k = ${result.k} among ${result.bank} training images`,
        ...result.others.map(
          ({ k, temperature, accuracy }, i) =>
            `${i === 0 ? 'others    ' : '          '}${asPercent(accuracy)} with k = ${k}, temperature ${temperature}`,
        ),
      ].join('\n'),
  });
}
