/** @file Pre-trains with twoview for some steps, and prints a line of JSON after each: the whole loop, as a user calls it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pretrain, pretrainSchema } from '../../packages/twoview/dist/src/index.js';

const {
  images,
  model,
  batch,
  microBatch = 0,
  recompute = false,
  steps,
  temperature,
  lr,
  seed,
  threads,
  precision,
} = JSON.parse(process.argv[2]);
const folder = mkdtempSync(join(tmpdir(), 'twoview-bench-'));
const config = pretrainSchema.parse({
  ...{
    data: images,
    model,
    batchSize: batch,
    microBatch,
    recompute,
    temperature,
    lr,
    seed,
    threads,
    precision,
    out: join(folder, 'run'),
  },
  ...{ limit: steps * batch, epochs: 1, warmupEpochs: 0, schedule: 'constant', heldOut: 0, weightDecay: 5e-4 },
});
await pretrain({
  ...config,
  onEvent: (event) => event.type === 'step' && process.stdout.write(`${JSON.stringify({ loss: event.loss })}\n`),
});
rmSync(folder, { recursive: true });
