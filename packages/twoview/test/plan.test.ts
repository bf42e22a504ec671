/** @file Steps, learning rate and warm-up of a training. */
import { describe, expect, test } from 'vitest';
import { finetuneSchema } from '../src/config/finetune.js';
import { parseConfig } from '../src/config/parse.js';
import { plan } from '../src/finetune/plan.js';
import { learningRates } from '../src/models/train-state.js';

const planned = (labels: number, more: object = {}) =>
  plan(labels, parseConfig(finetuneSchema, { data: 'd', out: 'o', ...more }));

describe('plan of a fine-tuning', () => {
  test('few labels make one batch, and the learning rate goes with it', () => {
    const few = planned(32);
    const many = planned(1000);
    expect(few).toMatchObject({ batchSize: 32, stepsPerEpoch: 1, totalSteps: 100 });
    expect(many).toMatchObject({ batchSize: 128, stepsPerEpoch: 7, totalSteps: 700 });
    expect(few.learningRate / many.learningRate).toBeCloseTo(32 / 128, 12);
  });

  test('pre-trained weights get a lower learning rate, with each optimizer', () => {
    for (const optimizer of ['sgd', 'adamw']) {
      const [scratch, pretrained] = ['scratch', 'run'].map((init) => planned(1000, { optimizer, init }).learningRate);
      expect(pretrained).toBeLessThan(scratch!);
    }
    expect(planned(1000, { optimizer: 'adamw' }).learningRate).toBe(0.003);
    expect(planned(1000, { optimizer: 'adamw', lr: 0.5 }).learningRate).toBe(0.5);
  });

  test('steps are bounded on both sides', () => {
    expect(planned(32, { epochs: 10, minSteps: 150 }).totalSteps).toBe(150);
    expect(planned(50_000, { maxSteps: 800 }).totalSteps).toBe(800);
    expect(planned(32, { minSteps: 150, maxSteps: 60 }).totalSteps).toBe(60);
  });

  test('the warm-up is a tenth of all steps, or as many epochs as are asked for, and never more than half', () => {
    expect(planned(1000).warmupSteps).toBe(70);
    expect(planned(1000, { warmupEpochs: 2 }).warmupSteps).toBe(14);
    expect(planned(1000, { warmupEpochs: 0 }).warmupSteps).toBe(0);
    expect(planned(1000, { warmupEpochs: 90 }).warmupSteps).toBe(350);
  });

  test('a run that is resumed again plans the same from the numbers that it settled on', () => {
    for (const labels of [32, 333, 1000]) {
      const first = planned(labels, { minSteps: 157 });
      const again = planned(labels, {
        minSteps: 157,
        lr: first.learningRate,
        warmupEpochs: first.warmupSteps / first.stepsPerEpoch,
      });
      expect(again).toEqual(first);
    }
  });

  test('one image is no batch for batch norm', () => {
    expect(() => planned(1)).toThrow(expect.objectContaining({ code: 'BATCH_TOO_LARGE' }));
  });
});

describe('learning rate by step', () => {
  const rates = (schedule: 'cosine' | 'constant') => {
    const rate = learningRates({ schedule }, { base: 2, warmupSteps: 4, totalSteps: 12 });
    return Array.from({ length: 12 }, (_, step) => rate(step));
  };
  test('rises evenly, then stays', () => {
    expect(rates('constant')).toEqual([0.5, 1, 1.5, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
    expect(learningRates({ schedule: 'constant' }, { base: 2, warmupSteps: 0, totalSteps: 3 })(0)).toBe(2);
  });
  test('rises evenly, then falls as half a cosine', () => {
    const expected = [0.5, 1, 1.5, 2, ...Array.from({ length: 8 }, (_, i) => 1 + Math.cos((Math.PI * i) / 8))];
    for (const [step, rate] of rates('cosine').entries()) {
      expect(rate).toBeCloseTo(expected[step]!, 12);
    }
  });
});
