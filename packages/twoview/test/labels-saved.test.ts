/** @file Labels saved and confidence intervals, against numbers made by hand. */
import { describe, expect, test } from 'vitest';
import type { Arm } from '../src/config/compare.js';
import { halfInterval } from '../src/experiment/interval.js';
import { labelsSaved } from '../src/experiment/labels-saved.js';

const row = (arm: Arm, labels: number, mean: number, model = 'net') => ({
  ...{ model, arm, labels, mean, fraction: labels / 10_000, n: 1, deviation: null, evaluatedOn: 'test' as const },
});
const scratch = [row('supervised', 100, 0.2), row('supervised', 1000, 0.5), row('supervised', 10_000, 0.9)];

describe('labels saved', () => {
  test.each([
    ['half way between two amounts, on the scale of factors', 0.35, 316, 'about'],
    ['a quarter of the way', 0.6, 1778, 'about'],
    ['exactly what was reached', 0.5, 1000, 'about'],
    ['better than with all labels', 0.95, 10_000, 'more than'],
    ['worse than with the fewest', 0.1, 100, 'at most'],
  ])('%s', (_, accuracy, needed, bound) => {
    expect(labelsSaved([...scratch, row('semi-supervised', 100, accuracy)])).toEqual([
      { model: 'net', labels: 100, accuracy, needed, bound },
    ]);
  });

  test('each network is held against itself, in whatever order the amounts come', () => {
    const table = [
      ...scratch.toReversed(),
      row('supervised', 100, 0.4, 'other'),
      row('semi-supervised', 100, 0.35),
      row('semi-supervised', 100, 0.35, 'other'),
      row('semi-supervised', 100, 0.35, 'alone'),
    ];
    expect(labelsSaved(table).map(({ model, bound }) => [model, bound])).toEqual([
      ['net', 'about'],
      ['other', 'at most'],
    ]);
  });
});

describe('95 % interval of a mean', () => {
  test('three values: 4.303 standard errors', () => {
    expect(halfInterval(0.02, 3)).toBeCloseTo((4.303 * 0.02) / Math.sqrt(3), 12);
  });
  test('two and very many', () => {
    expect(halfInterval(1, 2)).toBeCloseTo(12.706 / Math.SQRT2, 12);
    expect(halfInterval(1, 1000)).toBeCloseTo(1.96 / Math.sqrt(1000), 12);
  });
  test('one value has none', () => {
    expect(halfInterval(null, 1)).toBe(null);
  });
});
