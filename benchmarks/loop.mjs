/**
 * @file The whole `pretrain` loop beside the bare training step: ResNet-18, 64 images (128 views), bf16 and float32. Each step of
 * the loop is followed by a bare one of another network of the same kind, so that both meet the same machine.
 *
 * What comes once an epoch (checkpoint) or every few (kNN, health) is timed too, and charged as often as it comes with the
 * default settings on CIFAR-10: a short run would count it a hundred times too often.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '../packages/torch/dist/src/index.js';
import { pretrain, pretrainSchema } from '../packages/twoview/dist/src/index.js';
import { stepOn } from './lib/simclr-step.mjs';
import { median, seconds, summary } from './lib/statistics.mjs';

const THREADS = 2;
const BATCH = 64;
/** CIFAR-10 with the defaults: 49,000 images are trained on, kNN sees 5,000 + 1,000 of them, health 512 views. */
const CIFAR_STEPS = Math.floor(49_000 / BATCH);
const MONITORED = 5000 + 1000 + 512;

export async function* measure({ quick }) {
  await torch.load({ threads: THREADS });
  const bare = stepOn(torch.randn([2 * BATCH, 3, 32, 32]).contiguous({ memoryFormat: 'channels_last' }));
  for (const precision of ['bfloat16', 'float32']) {
    yield await one(precision, quick ? 8 : 24, () => seconds(() => bare(precision)));
  }
}

async function one(precision, steps, bare) {
  const folder = mkdtempSync(join(tmpdir(), 'twoview-bench-'));
  const config = pretrainSchema.parse({
    ...{ data: 'shapes', model: 'resnet18', batchSize: BATCH, precision, threads: THREADS },
    ...{ limit: steps * BATCH, epochs: 1, heldOut: BATCH, out: join(folder, 'run') },
  });
  const pairs = [];
  let monitor = 0;
  let mark = 0;
  await pretrain({
    ...config,
    onEvent({ type }) {
      const now = performance.now();
      if (type === 'metrics') monitor = (now - mark) / 1000;
      if (type === 'step') {
        const step = (now - mark) / 1000;
        const other = bare();
        if (mark > 0) pairs.push([step, other]); // the first warms up
      }
      mark = performance.now();
    },
  });
  const checkpoint = (performance.now() - mark) / 1000; // and summary.json
  rmSync(folder, { recursive: true });

  const perStep = median(pairs.map(([loop]) => loop));
  const alone = median(pairs.map(([, other]) => other));
  const monitorAtFull = (monitor * MONITORED) / (steps * BATCH + BATCH + 512);
  const extra = (monitorAtFull / pretrainSchema.shape.knnEvery.parse(undefined) + checkpoint) / CIFAR_STEPS;
  const ms = (time) => `${(1000 * time).toFixed(0)} ms`;
  return {
    name: `whole \`pretrain\` loop, ResNet-18, ${2 * BATCH} views, ${precision} / the bare train step`,
    target: { most: 1.08, unit: 'x' },
    value: summary(pairs.map(([loop, other]) => (loop + extra) / other)),
    detail: `${ms(perStep)} a step, bare ${ms(alone)}; kNN and health ${ms(monitorAtFull)} every 5 epochs and a checkpoint ${ms(checkpoint)} each epoch add ${(1000 * extra).toFixed(1)} ms a step`,
    samples: pairs,
  };
}
