#!/usr/bin/env node
/**
 * @file What a choice of labels is worth: a linear classifier on frozen representations, trained on images that each method of
 * `twoview select` chooses, beside random ones. Every seed has a random part of the images to choose from, the same for all methods.
 *
 *   twoview embed RUN --data IMAGES --split train --out train.safetensors      and test
 *   node benchmarks/label-choice.mjs --train train.safetensors --test test.safetensors
 */
import * as torch from '../packages/torch/dist/src/index.js';
import { trainProbe } from '../packages/twoview/dist/src/evaluate/probe.js';
import { kMedoids } from '../packages/twoview/dist/src/select/k-medoids.js';
import { maxHerding } from '../packages/twoview/dist/src/select/max-herding.js';
import { random, stratified } from '../packages/twoview/dist/src/select/random.js';
import { typiclust } from '../packages/twoview/dist/src/select/typiclust.js';
import { fail, optionsOr } from './lib/options.mjs';

const values = optionsOr(
  `node benchmarks/label-choice.mjs --train FILE --test FILE [--budgets 10,50,100,500] [--seeds 5] [--share 0.8] [--threads 2]

  --train, --test  what twoview embed wrote of labelled images
  --share          of the training images, drawn anew by each seed, that there are to choose from`,
  {
    train: { type: 'string', default: '' },
    test: { type: 'string', default: '' },
    budgets: { type: 'string', default: '10,50,100,500' },
    seeds: { type: 'string', default: '5' },
    share: { type: 'string', default: '0.8' },
    threads: { type: 'string', default: '2' },
  },
);
if (values.train === '' || values.test === '') fail('--train and --test are needed; --help says what they are');
const budgets = values.budgets.split(',').map(Number);
const seeds = Array.from({ length: Number(values.seeds) }, (_, seed) => seed);
await torch.load({ threads: Number(values.threads) });
const [train, tested] = [values.train, values.test].map(read);
const METHODS = {
  random: async (part, choice) => random(part.labels.length, choice),
  stratified: async (part, choice) => stratified(part.labels, choice),
  'max-herding': ({ features }, choice) => maxHerding(features, choice),
  typiclust: ({ features }, choice) => typiclust(features, choice),
  'k-medoids': ({ features }, choice) => kMedoids(features, choice),
};
const accuracies = Object.fromEntries(Object.keys(METHODS).map((name) => [name, budgets.map(() => [])]));
for (const seed of seeds) {
  const part = partOf(train, seed);
  for (const [name, method] of Object.entries(METHODS)) {
    for (const [i, budget] of budgets.entries())
      accuracies[name][i].push(accuracy(part, await method(part, { budget, seed })));
    console.error(`seed ${seed}  ${name}: ${accuracies[name].map((list) => percent(list.at(-1))).join(', ')}`);
  }
  part.features.dispose();
}
console.log('accuracy in percent, mean of the seeds (mean difference from random ± its standard error)');
for (const [name, lists] of Object.entries(accuracies)) {
  const cells = lists.map((list, i) => {
    const differences = list.map((value, seed) => value - accuracies.random[i][seed]);
    return `${budgets[i]}: ${percent(mean(list))} (${percent(mean(differences))} ± ${percent(standardError(differences))})`;
  });
  console.log(`${name.padEnd(12)}  ${cells.join('  ')}`);
}

function read(file) {
  const { tensors } = torch.safetensors.load(file);
  return { features: torch.normalize(tensors.features, { dim: 1 }), labels: tensors.labels.tolist() };
}

function partOf({ features, labels }, seed) {
  return torch.scope(() => {
    const count = Math.round(labels.length * Number(values.share));
    const rows = torch.randperm(labels.length, { generator: new torch.Generator(100 + seed) }).narrow(0, 0, count);
    return { features: features.indexSelect(0, rows), labels: rows.tolist().map((row) => labels[row]) };
  });
}

function accuracy({ features, labels }, chosen) {
  return torch.scope(() => {
    const int64 = (list) => torch.tensor(list, { dtype: 'int64' });
    const options = { numClasses: Math.max(...tested.labels) + 1, l2: 1e-2, iterations: 500 };
    const known = int64(chosen.map((index) => labels[index]));
    const probe = trainProbe(features.indexSelect(0, int64(chosen)), known, options);
    const right = probe.logits(tested.features).argmax(1).eq(int64(tested.labels)).to('float32').mean().item();
    probe.dispose();
    return right;
  });
}

function mean(list) {
  return list.reduce((sum, value) => sum + value, 0) / list.length;
}

function standardError(list) {
  const squares = list.reduce((sum, value) => sum + (value - mean(list)) ** 2, 0);
  return Math.sqrt(squares / (list.length - 1) / list.length);
}

function percent(share) {
  return (100 * share).toFixed(1);
}
