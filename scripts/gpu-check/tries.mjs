/**
 * @file Writes the jobs of check D that settings are chosen by: each differs in one setting, takes as many operations as the others, and is
 * tested on training images that were held out.
 *
 *   node scripts/gpu-check/tries.mjs pretraining|labels FILE
 */
import { writeFileSync } from 'node:fs';

const MANY = { precision: 'bfloat16', data: '@validation', out: '@run', checkpointMinutes: 60 };
const AIRBENCH = { model: 'airbench', viewSizes: [16, 24, 32] };
const SIMCLR = {
  ...{ ...MANY, ...AIRBENCH, heldOut: 0, knnEvery: 1000, batchSize: 256, temperature: 0.2, warmupEpochs: 0.5 },
  ...{ epochs: 6, optimizer: 'muon', lr: 0.005 },
};

/** Name, what differs, and the number of epochs where it is another for the same operations. */
const PRETRAINING = [
  ['as it is', {}],
  ['seed 1', { seed: 1 }],
  ['four times as long', { epochs: 26 }],
  ...[0.0025, 0.01, 0.02].map((lr) => [`rate ${lr}`, { lr }]),
  ...[0.1, 0.3, 0.5].map((temperature) => [`temperature ${temperature}`, { temperature }]),
  ['batch 128', { batchSize: 128 }],
  ['batch 128, rate 0.0035', { batchSize: 128, lr: 0.0035 }],
  ['batch 512, rate 0.007', { batchSize: 512, lr: 0.007 }],
  ...[0.05, 0.2].map((weightDecay) => [`weight decay ${weightDecay}`, { weightDecay }]),
  ['momentum 0.95', { momentum: 0.95 }],
  ...[0.1, 0.2].map((temperature) => [`decoupled, temperature ${temperature}`, { loss: 'decoupled', temperature }]),
  ['three layers', { projectionLayers: 3 }],
  ...[0.1, 0.35].map((cropScaleMin) => [`crops from ${cropScaleMin}`, { cropScaleMin }]),
  ['grayscale 0.1', { grayscale: 0.1 }],
  ['twice the jitter', { brightness: 0.8, contrast: 0.8, saturation: 0.8, hue: 0.2 }],
  ['views 12, 16, 24, 32', { viewSizes: [12, 16, 24, 32], epochs: 8 }],
  ['views 16, 20, 24, 28, 32', { viewSizes: [16, 20, 24, 28, 32], epochs: 5 }],
  ['views 16, 24', { viewSizes: [16, 24], epochs: 8 }],
  ['views 32', { viewSizes: [], epochs: 3 }],
  ['SGD 0.12', { optimizer: 'sgd', lr: 0.12 }],
  ['AdamW 0.002', { optimizer: 'adamw', lr: 0.002 }],
  ['warm-up of an epoch', { warmupEpochs: 1 }],
  ['ResNet-18, half stem', { model: 'resnet18', stem: 'cifar-half', epochs: 5 }],
  ['airbench_wide', { model: 'airbench_wide', epochs: 2 }],
  ['airbench_wide, twice as long', { model: 'airbench_wide', epochs: 5 }],
  ['seed 2', { seed: 2 }],
  ['four times as long, rate 0.01', { epochs: 26, lr: 0.01 }],
  ['four times as long, temperature 0.1', { epochs: 26, temperature: 0.1 }],
];

/** Steps of a batch of 128 at 32 pixels: 0.25 PFLOP of airbench; growing views take fewer operations each. */
const STEPS = 2700;
const GROWING_STEPS = 6200;
const AMOUNTS = [500, 5000, 45_000];
const HELD_OUT = 45_000; // images that are left
const FINETUNING = { ...MANY, model: 'airbench', epochs: 100_000, batchSize: 128 };
/** For each arm and number of labels: as many tries for one as for the other. */
const LABELS = [
  ['as it is', {}],
  ...[0.2, 0.02].map((lr) => [`rate ${lr}`, { lr }]),
  ...[0.0005, 0.002, 0.008].map((lr) => [`Muon ${lr}`, { optimizer: 'muon', lr }]),
  ['moved, not cropped', { translate: 0.125, cropScaleMin: 1 }],
  ['crops from 0.2', { cropScaleMin: 0.2 }],
  ['RandAugment', { randAugment: 2 }],
  ['jitter', { jitter: 0.8 }],
  ['cutout', { cutout: 0.5 }],
  ['mixup', { mixup: 0.2 }],
  ['smoothing', { labelSmoothing: 0.1 }],
  ['weight decay 0.005', { weightDecay: 0.005 }],
  ['averaged weights', { averageWeights: 0.998 }],
  ['growing views', { viewSizes: AIRBENCH.viewSizes, maxSteps: GROWING_STEPS, minSteps: GROWING_STEPS }],
  ['batch 32', { batchSize: 32, maxSteps: 2 * STEPS, minSteps: 2 * STEPS, lr: 0.02 }],
];
/** Of pre-trained weights alone. */
const TRANSFERRED = [
  ['probe first', { probeFirst: true }],
  ['probe first, rate 0.005', { probeFirst: true, lr: 0.005 }],
  ['layer of the head', { headLayer: 1 }],
  ['lower layers slower', { layerDecay: 0.7 }],
];

const LISTS = {
  pretraining: () =>
    PRETRAINING.map(([name, change], i) => ({
      ...{ name, limit: 150, ...(i === 2 && { keep: true }) },
      steps: [
        ['pretrain', { ...SIMCLR, ...change }],
        ['knn', { data: '@validation', weights: '@run', k: 200, knnTemperature: 0.1 }],
        ['classify', { data: '@validation', weights: '@run', crops: 1, out: `@run/${name} ridge` }],
      ],
    })),
  labels: () => [
    { name: 'SimCLR', limit: 150, keep: true, steps: [['pretrain', { ...SIMCLR, epochs: 26 }]] },
    ...AMOUNTS.flatMap((labels) => [
      ...LABELS.map(([name, change]) => finetuning(`${labels} scratch, ${name}`, labels, change)),
      ...[...LABELS, ...TRANSFERRED].map(([name, change]) => ({
        ...finetuning(`${labels} SimCLR, ${name}`, labels, { init: '@run/SimCLR', ...change }),
        after: 'SimCLR',
      })),
    ]),
  ],
};

const finetuning = (name, labels, change) => ({
  ...{ name, limit: 100 },
  steps: [
    [
      'finetune',
      { ...FINETUNING, maxSteps: STEPS, minSteps: STEPS, fraction: Math.min(1, labels / HELD_OUT), ...change },
    ],
  ],
});

const [list, file] = process.argv.slice(2);
if (!Object.hasOwn(LISTS, list ?? '') || file === undefined)
  throw new Error('node scripts/gpu-check/tries.mjs pretraining|labels FILE');
const jobs = LISTS[list]();
writeFileSync(file, `${JSON.stringify({ atOnce: 14, heldOut: 5000, jobs }, null, 1)}\n`);
console.log(`${jobs.length} jobs in ${file}`);
