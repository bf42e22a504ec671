/** @file Which images are chosen, against the definitions in plain loops. */
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { permutation } from '../src/data/indices.js';
import type { Selection } from '../src/select/choice.js';
import { kMeans } from '../src/select/k-means.js';
import { kMedoids } from '../src/select/k-medoids.js';
import { maxHerding } from '../src/select/max-herding.js';
import { poolOf } from '../src/select/pool.js';
import { random, stratified } from '../src/select/random.js';
import { mostTypical, typiclust } from '../src/select/typiclust.js';
import { dot, drawn, indices, squared, unitRows } from './points.js';
import { rowsOf } from './rows.js';

beforeAll(() => torch.load({ threads: 1 }));

const distinct = (list: readonly number[]) => new Set(list).size === list.length;

const METHODS: Record<string, (features: torch.Tensor, choice: Selection) => Promise<number[]>> = {
  maxHerding,
  typiclust,
  kMedoids,
  random: async (features, choice) => random(features.shape[0]!, choice),
  stratified: async (features, choice) =>
    stratified(
      indices(features.shape[0]!).map((i) => i % 4),
      choice,
    ),
};

describe.each(Object.entries(METHODS))('%s', (name, method) => {
  const N = 60;

  test('chooses different images, none of them labelled, and the same ones for the same seed', async () => {
    using features = drawn(N, 7);
    const choice = { budget: 20, seed: 3, labelled: [5, 17, 40] };
    const chosen = await method(features, choice);
    expect(chosen).toHaveLength(20);
    expect(distinct([...chosen, ...choice.labelled])).toBe(true);
    expect(chosen.every((index) => Number.isInteger(index) && index >= 0 && index < N)).toBe(true);
    expect(await method(features, choice)).toEqual(chosen);
    if (name !== 'maxHerding') expect(await method(features, { ...choice, seed: 4 })).not.toEqual(chosen);
  });

  test('the whole set is the largest budget; one more is refused', async () => {
    using features = drawn(12, 3);
    const labelled = [0, 11];
    const all = await method(features, { budget: 10, seed: 0, labelled });
    expect([...all].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await expect(method(features, { budget: 11, seed: 0, labelled })).rejects.toMatchObject({
      code: 'BUDGET_TOO_LARGE',
      message: expect.stringContaining('--budget 10'),
    });
    expect(await method(features, { budget: 1, seed: 0 })).toHaveLength(1);
  });

  test('representations that are all alike, or zero, are images nevertheless', async () => {
    using one = torch.ones([30, 4]);
    using none = torch.zeros([30, 4]);
    for (const features of [one, none]) {
      const chosen = await method(features, { budget: 15, seed: 0, labelled: [3, 4] });
      expect([chosen.length, distinct([...chosen, 3, 4])]).toEqual([15, true]);
    }
  });

  test('leaves no tensor behind, also when it is stopped', async () => {
    using features = drawn(N, 7);
    const before = torch.liveTensors();
    await method(features, { budget: 20, seed: 0, labelled: [1] });
    expect(torch.liveTensors()).toBe(before);
    let left = 2;
    const pause = async () => {
      if (--left === 0) throw new Error('stop');
    };
    await method(features, { budget: 20, seed: 0, pause }).catch(() => {});
    expect(torch.liveTensors()).toBe(before);
  });
});

test.each(['maxHerding', 'random', 'stratified'])(
  '%s: a smaller budget is the beginning of a larger one',
  async (name) => {
    using features = drawn(60, 7);
    const choose = (budget: number) => METHODS[name]!(features, { budget, seed: 0, labelled: [2, 30] });
    const long = await choose(40);
    for (const budget of [1, 2, 7, 39]) expect(await choose(budget)).toEqual(long.slice(0, budget));
  },
);

describe('MaxHerding', () => {
  /** The gain in coverage of every image, by its definition in float64. */
  function gains(points: readonly number[][], chosen: readonly number[], bandwidth: number): number[] {
    const k = (a: readonly number[], b: readonly number[]) => Math.exp(-squared(a, b) / bandwidth ** 2);
    const covered = points.map((x) => Math.max(0, ...chosen.map((s) => k(x, points[s]!))));
    return points.map(
      (candidate) => points.reduce((sum, x, i) => sum + Math.max(0, k(x, candidate) - covered[i]!), 0) / points.length,
    );
  }

  test.each([
    [1, [], 1 << 20],
    [1, [], 300], //           blocks of the kernel that do not divide the images
    [0.3, [4, 50, 51], 300],
    [1, indices(40), 64],
  ])(
    'bandwidth %d, labelled %j, blocks of %d: every choice has the largest gain',
    async (bandwidth, labelled, block) => {
      using features = drawn(100, 6, 2);
      const chosen = await maxHerding(features, { budget: 30, seed: 0, labelled }, { bandwidth, block });
      const points = unitRows(features);
      const before = [...labelled];
      for (const index of chosen) {
        const gain = gains(points, before, bandwidth).map((value, i) => (before.includes(i) ? -1 : value));
        expect(gain[index]!).toBeGreaterThan(Math.max(...gain) - 1e-7); // what float32 sums of 100 numbers are off
        before.push(index);
      }
    },
  );

  test('of more images than candidates, every choice has the largest gain of these, and all images count in it', async () => {
    using features = drawn(400, 6, 2);
    const choice = { budget: 10, seed: 5, labelled: [7] };
    const options = { candidates: 100 };
    const chosen = await maxHerding(features, choice, options);
    const candidates = permutation(400, 5, 'select candidates').slice(0, 100);
    const points = unitRows(features);
    const before = [7];
    for (const index of chosen) {
      expect(candidates).toContain(index);
      const gain = gains(points, before, 1);
      const others = candidates.filter((i) => !before.includes(i)).map((i) => gain[i]!);
      expect(gain[index]!).toBeGreaterThan(Math.max(...others) - 1e-7);
      before.push(index);
    }
    expect(await maxHerding(features, { ...choice, seed: 6 }, options)).not.toEqual(chosen);
    expect(await maxHerding(features, { ...choice, budget: 4 }, options)).toEqual(chosen.slice(0, 4));
    const half = { ...choice, budget: 5, labelled: [7, ...chosen.slice(0, 5)] };
    expect(await maxHerding(features, half, options)).toEqual(chosen.slice(5));
    expect(await maxHerding(features, { ...choice, budget: 60 }, options)).toHaveLength(60); // more than the half of 100
  });
});

describe('TypiClust', () => {
  const meanDistance = (points: readonly number[][], some: readonly number[], at: number): number => {
    const others = some.filter((index) => index !== at).map((index) => Math.sqrt(squared(points[at]!, points[index]!)));
    const nearest = Float64Array.from(others)
      .sort()
      .slice(0, Math.min(20, Math.floor(some.length / 2)));
    return nearest.reduce((sum, value) => sum + value, 0) / nearest.length;
  };

  test('the most typical of 3000, in blocks: its nearest are nearer on average than those of any other', () => {
    torch.scope(() => {
      const points = torch.normalize(drawn(3001, 4), { dim: 1 });
      const x = rowsOf(points);
      const some = indices(3000).map((i) => i + 1); // the first one does not count
      const found = some[mostTypical(points, some)]!;
      const least = Math.min(...some.map((i) => meanDistance(x, some, i)));
      expect(meanDistance(x, some, found)).toBeLessThan(least + 1e-4); // a distance is a root of what float32 rounds
    });
  });

  test('goes round the clusters: the fewest labels first, of these the largest, small ones last', async () => {
    using features = drawn(200, 6, 5);
    const choice = { budget: 30, seed: 2, labelled: [0, 1, 2] };
    const chosen = await typiclust(features, choice);
    using points = torch.scope(() => torch.normalize(features, { dim: 1 }));
    using cells = await kMeans(points, 33, { seed: 2 });
    const x = rowsOf(points);
    const cell = cells.cell.tolist() as number[];
    const members = indices(33).map((at) => indices(200).filter((i) => cell[i] === at));
    const order = members
      .map((all) => ({ size: all.length, open: all.filter((i) => i > 2) }))
      .sort((a, b) => a.size - a.open.length - (b.size - b.open.length) || b.size - a.size);
    const turns = [...order.filter(({ size }) => size > 5), ...order.filter(({ size }) => size <= 5)];
    expect(turns.filter(({ size }) => size > 5).length).toBeLessThan(30); // so that a second round begins
    const large = turns.filter(({ size }) => size > 5);
    for (const [i, index] of chosen.entries()) {
      const { open } = large[i % large.length]!;
      expect(open).toContain(index);
      const least = Math.min(...open.map((at) => meanDistance(x, open, at)));
      expect(meanDistance(x, open, index)).toBeLessThan(least + 1e-4);
      open.splice(open.indexOf(index), 1);
    }
  });
});

describe('k-medoids', () => {
  test.each([[[]], [[10, 20, 4999]]])(
    'labelled %j: every medoid has the smallest sum over its cell',
    async (labelled) => {
      using features = drawn(5000, 3, 6, 200); // no clear groups, so that medoids differ from the means' nearest
      const chosen = await kMedoids(features, { budget: 6, seed: 0, labelled });
      const x = unitRows(features);
      const medoids = [...labelled, ...chosen];
      const cell = x.map((row) => {
        const similarity = medoids.map((index) => dot(row, x[index]!));
        return similarity.indexOf(Math.max(...similarity));
      });
      const sizes = medoids.map((_, at) => cell.filter((own) => own === at).length);
      expect(sizes.slice(labelled.length)).toEqual(sizes.slice(labelled.length).sort((a, b) => b - a));
      for (const [at, medoid] of medoids.entries()) {
        if (at < labelled.length) continue;
        const members = x.filter((_, i) => cell[i] === at);
        const sum = members[0]!.map((_, j) => members.reduce((total, row) => total + row[j]!, 0));
        const cost = (row: readonly number[]) => 1 - dot(row, sum) / members.length;
        expect(cost(x[medoid]!)).toBeLessThan(members.reduce((best, row) => Math.min(best, cost(row)), 2) + 3e-6);
      }
    },
  );
});

describe('without representations', () => {
  const labels = [...indices(40).map((i) => i % 4), 4, 4]; // the last class has two images

  test('stratified takes equally many of each class, those that it has counted', () => {
    const count = (chosen: readonly number[]) => indices(5).map((c) => chosen.filter((i) => labels[i] === c).length);
    for (const budget of [5, 10])
      expect(count(stratified(labels, { budget, seed: 1 }))).toEqual(new Array(5).fill(budget / 5));
    expect(count(stratified(labels, { budget: 22, seed: 1 }))).toEqual([5, 5, 5, 5, 2]);
    const labelled = [0, 4, 8, 1]; // three of class 0, one of class 1
    expect(count([...labelled, ...stratified(labels, { budget: 6, seed: 1, labelled })])).toEqual([3, 2, 2, 2, 1]);
  });

  test('stratified needs all labels', () => {
    expect(() => stratified([0, 1, -1], { budget: 1, seed: 0 })).toThrow(/1 of 3 have none[\s\S]*LABELS_MISSING/);
  });

  test('random takes every image equally often', () => {
    const times = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 2000; seed++) for (const i of random(10, { budget: 3, seed })) times[i]!++;
    for (const n of times) expect(Math.abs(n - 600)).toBeLessThan(5 * Math.sqrt(600 * 0.7)); // five standard deviations
  });
});

test('of images with equal pixels one is in the pool: the labelled one, else the first', () => {
  const digests = Buffer.concat([...'abacbad'].map((letter) => Buffer.alloc(16, letter)));
  expect(poolOf(digests, new Set())).toEqual({ images: [0, 1, 3, 6], labelled: [], repeats: 3 });
  expect(poolOf(digests, new Set([2, 3]))).toEqual({ images: [1, 2, 3, 6], labelled: [1, 2], repeats: 3 });
  expect(poolOf(digests, new Set([0, 5]))).toEqual({ images: [1, 3, 5, 6], labelled: [2], repeats: 2 });
});
