/** @file twoview pretrain */
import type { Command } from 'commander';
import { pretrainSchema } from '../../config/pretrain.js';
import { pretrain } from '../../experiment/pretrain.js';
import { asPercent, duration } from '../format.js';
import { defineJob } from '../job-command.js';

export function define(command: Command): void {
  defineJob(command, {
    schema: pretrainSchema,
    shared: true,
    examples: [
      '  twoview pretrain --data photos/ --epochs 200 --out runs/photos',
      '  twoview pretrain --data cifar10 --batch-size 512 --out runs/cifar10',
      '  twoview pretrain --data photos/ --loss barlow-twins --projection-layers 3 \\',
      '                   --projection-size 2048 --out runs/barlow',
      '  # with labels, for compare --transfer-weights:',
      '  twoview pretrain --data other/ --method supervised --out runs/source',
    ].join('\n'),
    run: (config, { io }) => pretrain(config, io),
    print: (result, { data, model }) =>
      result.method === 'simclr'
        ? [
            `pre-trained  ${result.run}`,
            `loss         ${result.loss.toFixed(4)} in the last epoch${result.chance === null ? '' : `; chance is ${result.chance.toFixed(4)}`}`,
            ...(result.knn === null ? [] : [`kNN          ${asPercent(result.knn)} on held-out training images`]),
            `time         ${duration(result.seconds)}`,
            `next         twoview finetune --init ${result.run} --model ${model} --data ${result.knn === null ? 'LABELLED' : data} --fraction 0.1 --out ${result.run}-10pct`,
          ].join('\n')
        : `trained   ${result.run}\naccuracy  ${asPercent(result.metrics.accuracy)} of ${result.metrics.count} ${result.evaluatedOn} images`,
  });
}
