/** @file Label subsets: of every class the same share, smaller ones inside larger ones, another draw for another seed. */
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Split } from '../src/data/image-set.js';
import { heldOutIndices, labelSubset, shuffledIndices } from '../src/data/indices.js';

beforeAll(() => torch.load());

const classes = ['a', 'b', 'c'];
/** 200 of a, 100 of b, 50 of c, and 30 without a label, interleaved. */
const labels = Array.from({ length: 380 }, (_, i) => i)
  .sort((i, j) => ((i * 7919) % 380) - ((j * 7919) % 380))
  .map((i) => (i < 200 ? 0 : i < 300 ? 1 : i < 350 ? 2 : -1));
const split = (): Split => ({
  images: torch.zeros([380, 3, 1, 1], { dtype: 'uint8' }),
  labels: torch.tensor(labels, { dtype: 'int64' }),
  count: 380,
  paths: null,
});
const DRAWN = { subset: 'random' } as const;
const countOf = (indices: number[], label: number) => indices.filter((i) => labels[i] === label).length;

describe('label subsets', () => {
  test.each([
    [0.02, [4, 2, 1]],
    [0.1, [20, 10, 5]],
    [0.25, [50, 25, 13]],
    [1, [200, 100, 50]],
  ])('%d of the labels is that share of every class, and nothing without a label', (fraction, expected) => {
    const chosen = labelSubset(split(), classes, { ...DRAWN, fraction, seed: 0 });
    expect([0, 1, 2].map((label) => countOf(chosen, label))).toEqual(expected);
    expect(countOf(chosen, -1)).toBe(0);
    expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => a - b));
  });

  test.each([[0], [1], [2]])('seed %d: the smaller lies inside the larger', (seed) => {
    const [small, middle, large] = [0.02, 0.1, 0.5].map((fraction) =>
      labelSubset(split(), classes, { ...DRAWN, fraction, seed }),
    );
    expect(middle).toEqual(expect.arrayContaining(small!));
    expect(large).toEqual(expect.arrayContaining(middle!));
  });

  test('the same seed draws the same, another seed others', () => {
    expect(labelSubset(split(), classes, { ...DRAWN, fraction: 0.1, seed: 5 })).toEqual(
      labelSubset(split(), classes, { ...DRAWN, fraction: 0.1, seed: 5 }),
    );
    expect(labelSubset(split(), classes, { ...DRAWN, fraction: 0.1, seed: 5 })).not.toEqual(
      labelSubset(split(), classes, { ...DRAWN, fraction: 0.1, seed: 6 }),
    );
  });

  test('the first of each class are those of the lowest indices, whatever the seed', () => {
    const chosen = labelSubset(split(), classes, { subset: 'first', fraction: 0.1, seed: 0 });
    const expected = [20, 10, 5].flatMap((count, label) =>
      labels.flatMap((one, i) => (one === label ? [i] : [])).slice(0, count),
    );
    expect(chosen).toEqual(expected.sort((a, b) => a - b));
    expect(labelSubset(split(), classes, { subset: 'first', fraction: 0.1, seed: 7 })).toEqual(chosen);
  });

  test('a fraction that leaves a class empty names it and the least fraction that does not', () => {
    const draw = (fraction: number) => labelSubset(split(), classes, { ...DRAWN, fraction, seed: 0 });
    expect(() => draw(0.009)).toThrow(
      /1 of 3 classes without an image: c[\s\S]*--fraction 0\.02[\s\S]*FRACTION_TOO_SMALL/,
    );
    expect(draw(0.02).length).toBe(7);
  });

  test('images without any label are refused', () => {
    const none: Split = { ...split(), labels: torch.full([380], -1, { dtype: 'int64' }) };
    expect(() => labelSubset(none, [], { ...DRAWN, fraction: 1, seed: 0 })).toThrow(/LABELS_MISSING/);
  });
});

describe('held-out images and orders', () => {
  test('held-out and trained images are apart, and together all', () => {
    const { indices, rest } = heldOutIndices(split(), 40, 3);
    const trained = rest(0);
    expect([indices.length, trained.length]).toEqual([40, 340]);
    expect([...indices, ...trained].sort((a, b) => a - b)).toEqual(Array.from({ length: 380 }, (_, i) => i));
    expect(rest(100)).toEqual(trained.slice(0, 100));
    expect(heldOutIndices(split(), 9999, 3).indices.length).toBe(76); // at most a fifth
  });

  test('an epoch has every index once, in an order of its own that comes again', () => {
    const given = [5, 9, 2, 7, 100, 41];
    const order = (epoch: number) => shuffledIndices(given, 1, epoch).tolist();
    expect([...order(0)].sort()).toEqual([...given].sort());
    expect(order(0)).toEqual(order(0));
    expect(order(0)).not.toEqual(order(1));
  });
});
