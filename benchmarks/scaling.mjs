#!/usr/bin/env node
/**
 * @file `npm run bench:scaling`: what a step of SimCLR would cost on many processes, simulated layer by layer from a few constants.
 * Nothing is trained. docs/scaling.md says what is behind it and what follows.
 *
 *   npm run bench:scaling -- [--model resnet50] [--size 32] [--views-per-second 2700] [--bandwidth 25e9] [--latency 20e-6]
 */
import * as torch from '../packages/torch/dist/src/index.js';
import { createModel } from '../packages/twoview/dist/src/index.js';
import { optionsOr } from './lib/options.mjs';

const values = optionsOr(
  `npm run bench:scaling -- [options]

  --model             network (resnet50)
  --size              side of the images in pixels (32)
  --views-per-second  of one device by itself (2700)
  --bandwidth         bytes a second that a device sends and receives (25e9)
  --latency           seconds of a small collective between two devices (20e-6)
  --flops             floating-point operations a second of a device, for the loss alone (50e12)
  --processes         numbers of them (1,2,4,8,16,64,256,1000)
  --batches           images a step (512,4096,32768)`,
  {
    model: { type: 'string', default: 'resnet50' },
    size: { type: 'string', default: '32' },
    'views-per-second': { type: 'string', default: '2700' },
    bandwidth: { type: 'string', default: '25e9' },
    latency: { type: 'string', default: '20e-6' },
    flops: { type: 'string', default: '50e12' },
    processes: { type: 'string', default: '1,2,4,8,16,64,256,1000' },
    batches: { type: 'string', default: '512,4096,32768' },
  },
);
const number = (name) => Number(values[name]);
const numbers = (name) => values[name].split(',').map(Number);
const device = {
  speed: number('views-per-second'),
  bandwidth: number('bandwidth'),
  latency: number('latency'),
  flops: number('flops'),
};

/** As c10d's Reducer cuts them. */
const [FIRST_BUCKET, BUCKET] = [1 << 20, 25 << 20];
const PROJECTION = 128;

await torch.load();
const layers = layersOf(values.model, Number(values.size));
const bytes = layers.reduce((sum, layer) => sum + layer.bytes, 0);
console.log(
  `${values.model}: ${layers.length} layers, ${layers.filter(({ norm }) => norm).length} batch norms, ${(bytes / 2 ** 20).toFixed(0)} MiB of gradients`,
);
console.log(
  `a device by itself: ${device.speed} views/s; ${(device.bandwidth / 1e9).toFixed(1)} GB/s and ${(device.latency * 1e6).toFixed(0)} us between two; ${(device.flops / 1e12).toFixed(0)} TFLOP/s for the loss\n`,
);
console.log(
  '| images a step | processes | images each | step, ms | computed | gradients waited for | batch norms | loss and its gather | of ideal speed | similarities each, MiB |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|');
for (const batch of numbers('batches')) {
  for (const processes of numbers('processes')) {
    if (batch / processes < 2) continue;
    const { compute, gradients, norms, loss, memory } = stepOf(batch, processes);
    const step = compute + gradients + norms + loss;
    const ms = (seconds) => (1000 * seconds).toFixed(seconds < 0.001 ? 2 : 1);
    const cells = [
      batch,
      processes,
      Math.floor(batch / processes),
      ms(step),
      ms(compute),
      ms(gradients),
      ms(norms),
      ms(loss),
    ];
    console.log(
      `| ${[...cells, `${((100 * compute) / step).toFixed(0)} %`, (memory / 2 ** 20).toFixed(1)].join(' | ')} |`,
    );
  }
}

/** In forward order: bytes of parameters, and the share of the work. */
function layersOf(name, size) {
  const model = createModel(name, { numClasses: 0 });
  const found = [];
  for (const [, layer] of model.namedModules()) {
    const norm = layer instanceof torch.nn.BatchNorm;
    if (!norm && !(layer instanceof torch.nn.Conv2d) && !(layer instanceof torch.nn.Linear)) continue;
    const forward = layer.forward.bind(layer);
    layer.forward = (x) => {
      const y = forward(x);
      const own = layer.parameters().reduce((sum, parameter) => sum + parameter.numel(), 0);
      const work = norm ? 0 : y.numel() * (layer.weight.numel() / layer.weight.shape[0]);
      found.push({ norm, bytes: 4 * own, work });
      return y;
    };
  }
  torch.scope(() => torch.noGrad(() => model.eval().features(torch.zeros([1, 3, size, size]))));
  const whole = found.reduce((sum, { work }) => sum + work, 0);
  return found.map((layer) => ({ ...layer, work: layer.work / whole }));
}

/** Seconds of a collective of this many bytes: a tree's latency, a ring's bandwidth. */
function allReduce(size, processes) {
  if (processes === 1) return 0;
  return device.latency * Math.log2(processes) + (2 * size * (processes - 1)) / processes / device.bandwidth;
}

/** Each process gets what the others have of these bytes in all. */
function gather(size, processes) {
  if (processes === 1) return 0;
  return device.latency * Math.log2(processes) + (size * (processes - 1)) / processes / device.bandwidth;
}

function stepOf(batch, processes) {
  const compute = (2 * batch) / processes / device.speed;
  // Two thirds of the work are the backward pass, from the last layer to the first; a bucket leaves once it is full.
  let now = 0;
  let free = 0;
  let filled = 0;
  let limit = FIRST_BUCKET;
  const send = () => {
    if (filled === 0) return;
    free = Math.max(free, now) + allReduce(filled, processes);
    filled = 0;
    limit = BUCKET;
  };
  let norms = 0;
  for (const layer of layers.toReversed()) {
    now += (2 / 3) * compute * layer.work;
    filled += layer.bytes;
    // Sums of x and its square in float64; in the backward pass two sums of gradients in float32.
    if (layer.norm) norms += allReduce(2 * layer.bytes, processes) + allReduce(layer.bytes, processes);
    if (filled >= limit) send();
  }
  send();
  const views = 2 * batch;
  const products = 3 * 2 * (views / processes) * views * PROJECTION;
  const exchanged = gather(4 * views * PROJECTION, processes) + allReduce(4 * views * PROJECTION, processes) / 2;
  return {
    compute,
    gradients: Math.max(0, free - now),
    norms,
    loss: products / device.flops + exchanged,
    memory: (4 * views * views) / processes,
  };
}
