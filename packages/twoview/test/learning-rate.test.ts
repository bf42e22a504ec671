/** @file The learning rates that are taken where none is given, and their course. */
import { expect, test } from 'vitest';
import { finetuneSchema } from '../src/config/finetune.js';
import { plan } from '../src/finetune/plan.js';
import { contrastiveLr, learningRates } from '../src/models/train-state.js';

const common = { momentum: 0.9, weightDecay: 0 };

test('pre-training: SGD and LARS grow with the batch, Adam does not', () => {
  const rate = (optimizer: 'sgd' | 'lars' | 'adam' | 'adamw', batch: number) =>
    contrastiveLr({ ...common, optimizer }, batch);
  expect(rate('sgd', 256)).toBeCloseTo(0.06, 12);
  expect(rate('sgd', 512)).toBeCloseTo(0.12, 12);
  expect(rate('lars', 256)).toBeCloseTo(0.3, 12);
  expect(rate('lars', 128)).toBeCloseTo(0.15, 12);
  expect([rate('adam', 64), rate('adamw', 4096)]).toEqual([1e-3, 1e-3]);
});

test.each([
  ['scratch', 'sgd', 0.06],
  ['imagenet', 'sgd', 0.03],
  ['scratch', 'adamw', 3e-3],
  ['imagenet', 'adamw', 1e-3],
])('fine-tuning from %s with %s: %d for 128 images, and in proportion', (init, optimizer, rate) => {
  const config = finetuneSchema.parse({ data: 'd', out: 'o', init, optimizer });
  expect(plan(1000, config).learningRate).toBeCloseTo(rate, 12);
  expect(plan(64, config).learningRate).toBeCloseTo(rate / 2, 12);
  expect(plan(1000, { ...config, lr: 0.5 }).learningRate).toBe(0.5);
});

test('rises evenly, then falls as half a cosine to zero, or stays', () => {
  const options = { base: 2, warmupSteps: 4, totalSteps: 14 };
  const cosine = learningRates({ schedule: 'cosine' }, options);
  expect([0, 1, 2, 3].map(cosine)).toEqual([0.5, 1, 1.5, 2]);
  for (let step = 4; step < 14; step++) expect(cosine(step)).toBeCloseTo(1 + Math.cos((Math.PI * (step - 4)) / 10), 12);
  const constant = learningRates({ schedule: 'constant' }, options);
  expect([0, 3, 4, 13].map(constant)).toEqual([0.5, 2, 2, 2]);
});
