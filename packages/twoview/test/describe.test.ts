/** @file What a job says in one line: units, and what a narrow terminal leaves out. */
import { expect, describe as group, test } from 'vitest';
import { describe, fit } from '../src/cli/describe.js';
import { duration } from '../src/cli/format.js';
import type { ProgressEvent } from '../src/runs/events.js';

const step: ProgressEvent = {
  ...{ type: 'step', phase: 'pretrain', epoch: 12, epochs: 500, step: 7, steps: 194, loss: 4.98765, lr: 0.0599 },
  ...{ imagesPerSecond: 1234.5, dataShare: 0.034, etaSeconds: 3725 },
};

group('a step', () => {
  test('has loss, learning rate, speed, share of waiting and time left', () => {
    expect(describe(step)).toBe(
      'pretrain epoch 12/500  step 7/194  loss 4.9877  lr 0.0599  1235 views/s  waiting for data 3 %  1 h 02 min left',
    );
  });
  test('of a fine-tuning counts images, not views', () => {
    expect(describe({ ...step, phase: 'finetune' })).toContain('1235 images/s');
  });
  test.each([[200], [100], [80], [60], [50]])('fits into %d columns, and the time left stays', (width) => {
    const line = fit(step, '[3/30]  ', width);
    expect(line.length).toBeLessThanOrEqual(width);
    expect(line).toMatch(/^\[3\/30\] {2}pretrain epoch 12\/500.* 1 h 02 min left$/);
  });
  test('keeps loss and speed at 80 columns', () => {
    expect(fit(step, '[3/30]  ', 79)).toMatch(/loss 4\.9877 .*views\/s/);
  });
});

test.each([
  [{ phase: 'download', done: 1_234_567, total: 170_498_071, unit: 'bytes' }, 'download  1.2 of 170.5 MB'],
  [{ phase: 'decode', done: 1200, total: 60000, unit: 'images' }, 'decode  1,200 of 60,000 images'],
])('progress %j', (event, text) => expect(describe({ type: 'progress', ...event })).toBe(text));

test('measures of an epoch go by the names that people use', () => {
  const values = { epochLoss: 4.56789, chance: 5.5413, knn: 0.41236, effectiveRank: 56.371 };
  expect(describe({ type: 'metrics', phase: 'pretrain', epoch: 3, epochs: 9, values })).toBe(
    'pretrain epoch 3/9 done  loss 4.568  chance 5.541  kNN 41.24 %  effective rank 56.37',
  );
});

test.each([
  [0.4, '0 s'],
  [59.6, '1 min 00 s'],
  [61, '1 min 01 s'],
  [3599.7, '1 h 00 min'],
  [90_000, '25 h 00 min'],
])('%d seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text));
