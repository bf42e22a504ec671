/** @file Labels saved and confidence intervals, against numbers made by hand. */
import { describe, expect, test } from 'vitest';
import type { Arm } from '../src/config/compare.js';
import { halfInterval } from '../src/experiment/interval.js';
import { labelsSaved, neededInterval } from '../src/experiment/labels-saved.js';
import type { CellResult } from '../src/experiment/summarise.js';

const row = (arm: Arm, labels: number, mean: number, model = 'net') => ({
  ...{
    model,
    arm,
    labels,
    mean,
    fraction: labels / 10_000,
    n: 1,
    deviation: null,
    withoutTwins: null,
    evaluatedOn: 'test' as const,
  },
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

describe('the interval of labels needed', () => {
  const cell = (arm: Arm, labels: number, seed: number, accuracy: number) =>
    ({ model: 'net', arm, labels, seed, metrics: { accuracy } }) as CellResult;
  const seeds = [0, 1, 2, 3, 4];
  const curve = (shift: (seed: number) => number) =>
    seeds.flatMap((seed) => [
      cell('supervised', 100, seed, 0.2 + shift(seed)),
      cell('supervised', 1000, seed, 0.5 + shift(seed)),
      cell('supervised', 10_000, seed, 0.8 + shift(seed)),
    ]);

  test('has no width where the arms differ alike in every seed, however much the seeds differ', () => {
    const shift = (seed: number) => 0.02 * seed;
    const cells = [...curve(shift), ...seeds.map((seed) => cell('semi-supervised', 100, seed, 0.35 + shift(seed)))];
    const { low, high } = neededInterval(cells, 'net', 100)!;
    expect([low, high]).toEqual([
      { needed: 316, bound: 'about' },
      { needed: 316, bound: 'about' },
    ]);
  });

  test('is that of all equally likely draws of the seeds, taken one by one', () => {
    const simclr = [0.3, 0.33, 0.35, 0.36, 0.41];
    const cells = [...curve(() => 0), ...seeds.map((seed) => cell('semi-supervised', 100, seed, simclr[seed]!))];
    // 5^5 means, and the labels where the line from (100, 0.2) to (1000, 0.5) reaches each of them.
    const all = Array.from({ length: 5 ** 5 }, (_, draw) => {
      const mean = seeds.reduce((sum, i) => sum + simclr[Math.floor(draw / 5 ** i) % 5]!, 0) / 5;
      return Math.round(100 * 10 ** ((mean - 0.2) / 0.3));
    }).sort((a, b) => a - b);
    const { low, high } = neededInterval(cells, 'net', 100)!;
    // 2,000 draws put the 2.5 % point between the 1.8 % and the 3.2 % point of all draws (two standard errors).
    expect(low.needed).toBeGreaterThanOrEqual(all[Math.floor(0.018 * all.length)]!);
    expect(low.needed).toBeLessThanOrEqual(all[Math.ceil(0.032 * all.length)]!);
    expect(high.needed).toBeGreaterThanOrEqual(all[Math.floor(0.968 * all.length)]!);
    expect(high.needed).toBeLessThanOrEqual(all[Math.ceil(0.982 * all.length)]!);
  });

  test('says where it leaves what was tried, and needs three seeds that have all of it', () => {
    const good = seeds.map((seed) => cell('semi-supervised', 100, seed, 0.95));
    expect(neededInterval([...curve(() => 0), ...good], 'net', 100)).toMatchObject({
      low: { needed: 10_000, bound: 'more than' },
    });
    expect(neededInterval([...curve(() => 0), ...good.slice(0, 2)], 'net', 100)).toBe(null);
    expect(neededInterval(good, 'net', 100)).toBe(null);
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
