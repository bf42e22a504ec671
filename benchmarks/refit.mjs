#!/usr/bin/env node
/**
 * @file Seconds from one more label to new classes of all images: `ridgeHead` fitted anew on cached representations, and asked about all of
 * them.
 *
 *   node benchmarks/refit.mjs [--images 50000] [--size 512] [--labels 10,100,500,1000] [--repeats 5]
 */
import * as torch from '../packages/torch/dist/src/index.js';
import { ridgeHead, scaleOf } from '../packages/twoview/dist/src/index.js';
import { optionsOr } from './lib/options.mjs';

const values = optionsOr(
  'node benchmarks/refit.mjs [--images 50000] [--size 512] [--labels 10,100,500,1000] [--repeats 5]',
  {
    images: { type: 'string', default: '50000' },
    size: { type: 'string', default: '512' },
    labels: { type: 'string', default: '10,100,500,1000' },
    repeats: { type: 'string', default: '5' },
  },
);
const [images, size, repeats] = ['images', 'size', 'repeats'].map((name) => Number(values[name]));
const numClasses = 10;

await torch.load();
const generator = new torch.Generator(0);
const features = torch.randn([images, size], { generator }).relu();
const scale = scaleOf(features);
for (const count of values.labels.split(',').map(Number)) {
  const known = features.narrow(0, 0, count).clone();
  const labels = torch.arange(count, { dtype: 'int64' }).remainder(numClasses);
  const seconds = Array.from({ length: repeats }, () => {
    const started = performance.now();
    const head = ridgeHead(known, labels, { numClasses, scale });
    const fitted = performance.now();
    head.probabilities(features).dispose();
    head[Symbol.dispose]();
    return { fit: fitted - started, all: performance.now() - started };
  });
  const median = (key) =>
    seconds
      .map((one) => one[key])
      .sort((a, b) => a - b)
      [repeats >> 1].toFixed(0);
  console.log(`${count} labels: fitted in ${median('fit')} ms, all ${images} images named after ${median('all')} ms`);
}
