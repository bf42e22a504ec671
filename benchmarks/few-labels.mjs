#!/usr/bin/env node
/**
 * @file Accuracy with few labels and a frozen encoder: today's probe, and the methods of `classify`, with the same labels for all of them.
 * Prints mean, standard deviation, and the paired difference to the probe with its 95 % interval (Student's t).
 *
 *   node benchmarks/few-labels.mjs --data cifar10-jpeg.tar.gz --weights RUN [--on validation] [--labels 10,50] [--seeds 5]
 *
 * `--on validation` tests on 10,000 random training images, which are then not trained on: that is where defaults are chosen.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '../packages/torch/dist/src/index.js';
import { halfInterval, meanAndDeviation } from '../packages/twoview/dist/src/experiment/interval.js';
import { classify, imageSet, openImages, probe } from '../packages/twoview/dist/src/index.js';
import { optionsOr } from './lib/options.mjs';

const values = optionsOr(
  `node benchmarks/few-labels.mjs -- [options]

  --data     images with labels
  --weights  a run of pretrain
  --on       test, or validation: 10,000 random training images (validation)
  --labels   numbers of labels (10,20,50,100,500)
  --seeds    draws of labels (5)
  --arms     method/crops, or probe (probe,ridge/1,ridge/2,ridge/8,logistic/2,propagate/2)`,
  {
    data: { type: 'string', default: 'cifar10' },
    weights: { type: 'string' },
    on: { type: 'string', default: 'validation' },
    labels: { type: 'string', default: '10,20,50,100,500' },
    seeds: { type: 'string', default: '5' },
    arms: { type: 'string', default: 'probe,ridge/1,ridge/2,ridge/8,logistic/2,propagate/2' },
  },
);

const VALIDATION = 10_000;
await torch.load();
const opened = await openImages(values.data);
const data = values.on === 'validation' ? await withoutTest(opened) : opened;
const folder = mkdtempSync(join(tmpdir(), 'few-labels-'));
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i);
const arms = values.arms.split(',');
const accuracies = new Map();
try {
  for (const labels of values.labels.split(',').map(Number)) {
    for (const arm of arms) {
      const results = [];
      for (const seed of seeds) results.push(await one(arm, labels, seed));
      accuracies.set(`${arm} ${labels}`, results);
      print(arm, labels, results);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

async function one(arm, labels, seed) {
  const weights = values.weights;
  const [method, crops] = arm.split('/');
  if (arm === 'probe') {
    const known = data.train.labels.ge(0).sum().item();
    const { metrics, seconds } = await probe({ data, weights, seed, fraction: labels / known });
    return { accuracy: metrics.accuracy, ece: metrics.ece, loss: metrics.loss, seconds };
  }
  const out = join(folder, `${arm.replace('/', '-')}-${labels}-${seed}`);
  const { metrics, choice, seconds } = await classify({
    data,
    weights,
    seed,
    labels,
    method,
    crops: Number(crops),
    out,
  });
  rmSync(out, { recursive: true });
  const { accuracy, ece, loss } = metrics;
  return { accuracy, ece, loss, strength: choice.strength, seconds: seconds.head };
}

function print(arm, labels, results) {
  const of = (key) => results.map((one) => one[key]);
  const { mean, deviation } = meanAndDeviation(of('accuracy').map((x) => 100 * x));
  const rest = ['ece', 'loss', 'seconds'].map((key) => meanAndDeviation(of(key)).mean.toFixed(3));
  const base = accuracies.get(`probe ${labels}`);
  const difference =
    base === undefined || arm === 'probe'
      ? ''
      : ((paired) => `${paired.mean.toFixed(2)} ± ${halfInterval(paired.deviation, seeds.length)?.toFixed(2) ?? '?'}`)(
          meanAndDeviation(results.map((one, i) => 100 * (one.accuracy - base[i].accuracy))),
        );
  const strengths = of('strength')
    .map((x) => x?.toPrecision(2) ?? '')
    .join(' ');
  console.log(
    `| ${labels} | ${arm} | ${mean.toFixed(2)} ± ${deviation?.toFixed(2) ?? '?'} | ${difference} | ${rest.join(' | ')} | ${strengths} |`,
  );
}

/** Some of the training images instead of the test images. */
async function withoutTest({ train, classes }) {
  const order = torch.randperm(train.count, { generator: new torch.Generator(0) });
  const part = (from, length) => {
    const index = order.narrow(0, from, length);
    return { images: train.images.indexSelect(0, index), labels: train.labels.indexSelect(0, index).tolist() };
  };
  const count = train.count - VALIDATION;
  return await imageSet({ name: 'validation', classes, train: part(0, count), test: part(count, VALIDATION) });
}
