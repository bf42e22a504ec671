#!/usr/bin/env node
/**
 * @file How many times the speed of float32 bfloat16 has, on one thread and on all: what `--precision auto` decides by. Run it alone and beside
 * other programs.
 *
 *   node benchmarks/precision.mjs [--models airbench,resnet10_narrow,resnet18,rexnet_150] [--batch 32] [--repeats 3]
 */
import { availableParallelism, loadavg } from 'node:os';
import * as torch from '../packages/torch/dist/src/index.js';
import { compute, trainOn } from '../packages/twoview/dist/src/models/compute.js';
import { createEncoder } from '../packages/twoview/dist/src/models/own-network.js';
import { stemFor } from '../packages/twoview/dist/src/models/stem.js';
import { leastSeconds } from '../packages/twoview/dist/src/models/timing.js';
import { optionsOr } from './lib/options.mjs';

const values = optionsOr('node benchmarks/precision.mjs [--models NAME,NAME] [--batch 32] [--repeats 3]', {
  models: { type: 'string', default: 'airbench,resnet10_narrow,resnet18,rexnet_150' },
  batch: { type: 'string', default: '32' },
  repeats: { type: 'string', default: '3' },
});
const [batch, repeats, side] = [Number(values.batch), Number(values.repeats), 32];

await torch.load();
console.log(`load ${loadavg()[0].toFixed(1)}, ${availableParallelism()} cores; bfloat16 over float32, ${side} pixels`);
for (const model of values.models.split(',')) {
  const encoder = createEncoder(model, { numClasses: 10, stem: stemFor('auto', side), imageSize: side });
  encoder.to({ memoryFormat: 'channels_last' });
  const step = (precision) => () => trainOn(encoder, batch, side, compute('cpu', precision));
  for (const threads of new Set([1, availableParallelism()])) {
    torch.setNumThreads(threads);
    const began = performance.now();
    const least = leastSeconds({ float32: step('float32'), bfloat16: step('bfloat16') }, { repeats, device: 'cpu' });
    const ratio = (least.float32 / least.bfloat16).toFixed(2);
    console.log(
      `${model.padEnd(16)} ${threads} threads  ${ratio}  in ${((performance.now() - began) / 1000).toFixed(1)} s`,
    );
  }
  encoder.dispose();
}
