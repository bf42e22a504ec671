#!/usr/bin/env node
/** @file Which pictures are called blurred: of a set as it is, of the same with little contrast, and blurred by Gaussians. */
import { availableParallelism } from 'node:os';
import * as torch from '../packages/torch/dist/src/index.js';
import { openImages } from '../packages/twoview/dist/src/data/open-images.js';
import { spoiltIn } from '../packages/twoview/dist/src/data/spoilt.js';
import { optionsOr } from './lib/options.mjs';

const { data, images: count } = optionsOr(
  `node benchmarks/blur.mjs [--data cifar10] [--images 2000]

  Each time a tenth of the images is changed, and the others are as they are.`,
  { data: { type: 'string', default: 'cifar10' }, images: { type: 'string', default: '2000' } },
);
await torch.load({ threads: availableParallelism() });
const set = await openImages(data);
const n = Number(count);
const changed = n / 10;
const x = set.train.images.narrow(0, 0, n).to('float32');
const weights = [1, 4, 6, 4, 1];
const kernel = torch
  .tensor(weights.flatMap((a) => weights.map((b) => (a * b) / 256)))
  .reshape([1, 1, 5, 5])
  .expand([3, 1, 5, 5])
  .contiguous();

/** Binomial, of variance 1. */
const smoothed = (y) =>
  torch.op(
    'aten::conv2d',
    torch.op('aten::reflection_pad2d', y, [2, 2, 2, 2]),
    kernel,
    null,
    [1, 1],
    [0, 0],
    [1, 1],
    3,
  );
const blurred = (times) => (y) => (times === 0 ? y : blurred(times - 1)(smoothed(y)));
const contrast = (factor) => (y) =>
  y
    .sub(y.mean([1, 2, 3], true))
    .mul(factor)
    .add(y.mean([1, 2, 3], true));

const CHANGES = {
  nothing: (y) => y,
  'contrast 0.3': contrast(0.3),
  'contrast 0.15': contrast(0.15),
  'blur, deviation 1': blurred(1),
  'blur, deviation 1.4': blurred(2),
  'blur, deviation 2': blurred(4),
};
console.log(
  `${set.name}, ${n} images\n\n| a tenth of the images changed by | of them called blurred | of the others |\n|---|---|---|`,
);
for (const [name, change] of Object.entries(CHANGES)) {
  const all = torch.cat([change(x.narrow(0, 0, changed)), x.narrow(0, changed, n - changed)]);
  const images = all.round().clamp(0, 255).to('uint8');
  const { blurred: found } = spoiltIn({ images, count: n });
  const ours = found.filter((i) => i < changed).length;
  const share = (some, of) => `${((100 * some) / of).toFixed(1)} %`;
  console.log(`| ${name} | ${share(ours, changed)} | ${share(found.length - ours, n - changed)} |`);
}
