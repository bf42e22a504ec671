#!/usr/bin/env node
/**
 * @file What a choice of labels is worth: the heads of `twoview classify` on frozen representations, fitted to images that each method of
 * `twoview select` chooses, beside random ones. Every seed has a random part of the images to choose from, the same for all methods.
 *
 *   twoview embed RUN --data IMAGES --split train --out train.safetensors      and test
 *   node benchmarks/label-choice.mjs --train train.safetensors --test test.safetensors
 */
import * as torch from '../packages/torch/dist/src/index.js';
import { neighbourGraph } from '../packages/twoview/dist/src/evaluate/heads/graph.js';
import { propagatedHead } from '../packages/twoview/dist/src/evaluate/heads/propagated.js';
import { ridgeHead } from '../packages/twoview/dist/src/evaluate/heads/ridge.js';
import { scaleOf } from '../packages/twoview/dist/src/evaluate/heads/scale.js';
import { trainProbe } from '../packages/twoview/dist/src/evaluate/probe.js';
import { kMedoids } from '../packages/twoview/dist/src/select/k-medoids.js';
import { maxHerding } from '../packages/twoview/dist/src/select/max-herding.js';
import { random, stratified } from '../packages/twoview/dist/src/select/random.js';
import { typiclust } from '../packages/twoview/dist/src/select/typiclust.js';
import { fail, optionsOr } from './lib/options.mjs';

const values = optionsOr(
  `node benchmarks/label-choice.mjs --train FILE --test FILE [--budgets 10,50,100,500] [--seeds 5] [--share 0.8] [--heads ridge] [--threads 2]

  --train, --test  what twoview embed wrote of labelled images
  --heads          ridge, propagate (labels spread over all of the part), probe (logistic regression of fixed strength), separated by commas
  --share          of the training images, drawn anew by each seed, that there are to choose from`,
  {
    train: { type: 'string', default: '' },
    test: { type: 'string', default: '' },
    budgets: { type: 'string', default: '10,50,100,500' },
    seeds: { type: 'string', default: '5' },
    share: { type: 'string', default: '0.8' },
    heads: { type: 'string', default: 'ridge' },
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
/** As `twoview classify` has them: a strength by labels that were left out; of propagate k, gamma and alpha as by default. */
const HEADS = {
  probe: (part, places, known) =>
    trainProbe(part.features.indexSelect(0, int64(places)), known, { numClasses, l2: 1e-2, iterations: 500 }),
  ridge: ({ raw, scale }, places, known) => ridgeHead(raw.indexSelect(0, int64(places)), known, { numClasses, scale }),
  propagate: ({ raw, scale, graph }, places, known) =>
    propagatedHead(raw, places, known, { numClasses, scale, graph, seed: 0, alpha: 0.99 }),
};
const heads = values.heads.split(',');
for (const head of heads) if (HEADS[head] === undefined) fail(`no head is called ${head}`);
const numClasses = Math.max(...tested.labels) + 1;
const truth = int64(tested.labels);
const rows = Object.keys(METHODS).flatMap((method) => heads.map((head) => ({ method, head })));
for (const row of rows) row.accuracies = budgets.map(() => []);
for (const seed of seeds) {
  const part = partOf(train, seed);
  for (const [method, choose] of Object.entries(METHODS)) {
    for (const [i, budget] of budgets.entries()) {
      const chosen = await choose(part, { budget, seed });
      for (const row of rows) if (row.method === method) row.accuracies[i].push(accuracy(part, chosen, row.head));
    }
    for (const { head, accuracies } of rows.filter((row) => row.method === method))
      console.error(`seed ${seed}  ${method}, ${head}: ${accuracies.map((list) => percent(list.at(-1))).join(', ')}`);
  }
  for (const tensor of [part.features, part.raw]) tensor.dispose();
  part.scale[Symbol.dispose]();
  part.graph?.[Symbol.dispose]();
}
console.log(
  'accuracy in percent, mean over seeds; in brackets the mean paired difference and its standard error, in points,',
);
console.log(`from random and from stratified images with the head ${heads[0]}`);
const baseline = (method) => rows.find((row) => row.method === method && row.head === heads[0]).accuracies;
for (const { method, head, accuracies } of rows) {
  const cells = accuracies.map((list, i) => {
    const from = (method) => {
      const differences = list.map((value, seed) => value - baseline(method)[i][seed]);
      return `${percent(mean(differences))} ± ${percent(standardError(differences))}`;
    };
    return `${budgets[i]}: ${percent(mean(list))} (${from('random')}; ${from('stratified')})`;
  });
  console.log(`${`${method}, ${head}`.padEnd(24)}  ${cells.join('  ')}`);
}

function int64(list) {
  return torch.tensor(list, { dtype: 'int64' });
}

function read(file) {
  const { tensors } = torch.safetensors.load(file);
  return {
    raw: tensors.features,
    features: torch.normalize(tensors.features, { dim: 1 }),
    labels: tensors.labels.tolist(),
  };
}

function partOf({ raw, features, labels }, seed) {
  const part = torch.scope(() => {
    const count = Math.round(labels.length * Number(values.share));
    const rows = torch.randperm(labels.length, { generator: new torch.Generator(100 + seed) }).narrow(0, 0, count);
    return {
      features: features.indexSelect(0, rows),
      raw: raw.indexSelect(0, rows),
      labels: rows.tolist().map((row) => labels[row]),
    };
  });
  const graph = heads.includes('propagate') ? neighbourGraph(part.raw, { k: 50, gamma: 3 }) : null;
  return { ...part, scale: scaleOf(part.raw), graph };
}

function accuracy(part, chosen, head) {
  return torch.scope(() => {
    const made = HEADS[head](part, chosen, int64(chosen.map((index) => part.labels[index])));
    const logits = made.logits(head === 'probe' ? tested.features : tested.raw);
    const right = logits.argmax(1).eq(truth).to('float32').mean().item();
    made[Symbol.dispose]?.();
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
