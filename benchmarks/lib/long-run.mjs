/** @file A long pre-training in a process of its own; prints resident memory and live tensors after each step past warm-up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '../../packages/torch/dist/src/index.js';
import { pretrain, pretrainSchema } from '../../packages/twoview/dist/src/index.js';

const STEPS = Number(process.argv[2]);
const WARM_UP = Number(process.argv[3]);
const PER_EPOCH = 50;
const BATCH = 16;

const folder = mkdtempSync(join(tmpdir(), 'twoview-bench-'));
const samples = [];
let step = 0;
await pretrain(
  pretrainSchema.parse({
    data: 'shapes',
    model: 'resnet10_narrow',
    limit: PER_EPOCH * BATCH,
    batchSize: BATCH,
    epochs: Math.ceil((STEPS + WARM_UP) / PER_EPOCH),
    precision: 'float32',
    threads: 2,
    heldOut: 200,
    out: join(folder, 'run'),
  }),
  {
    onEvent({ type }) {
      if (type === 'step' && ++step > WARM_UP)
        samples.push({ rss: process.memoryUsage.rss(), tensors: torch.liveTensors() });
    },
  },
);
rmSync(folder, { recursive: true });
console.log(JSON.stringify(samples));
