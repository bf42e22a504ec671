import * as torch from '@twoview/torch';
import { beforeAll, expect, test } from 'vitest';
import { draws, uniform } from '../src/runs/random.js';

beforeAll(() => torch.load());

/** SplitMix64 as its paper has it, one number after another, on BigInt. */
function splitMix64(key: bigint, count: number): number[] {
  const wrap = (n: bigint) => BigInt.asUintN(64, n);
  let state = wrap(key);
  return Array.from({ length: count }, () => {
    state = wrap(state + 0x9e3779b97f4a7c15n);
    let z = wrap((state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = wrap((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return Number((z ^ (z >> 31n)) >> 11n) / 2 ** 53;
  });
}

test.each([0n, 1n, 1234567n, -1n, -(2n ** 63n)])('numbers are those of SplitMix64 with the key %d', (key) => {
  expect(uniform(key, 0, 200).tolist()).toEqual(splitMix64(key, 200));
  expect(uniform(key, 50, 20).tolist()).toEqual(splitMix64(key, 70).slice(50));
});

test('the first outputs are those that its authors publish for the seed 1234567', () => {
  // https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64, of the reference C code.
  const published = [6457827717110365317n, 3203168211198807973n, 9817491932198370423n, 4593380528125082431n];
  expect(uniform(1234567n, 0, 4).tolist()).toEqual(published.map((n) => Number(n >> 11n) / 2 ** 53));
});

test('rows of a draw are the same whichever part is asked for, and purposes differ', () => {
  const all = draws(3, 'views', 7, { count: 12 })('crop', 5);
  expect(draws(3, 'views', 7, { from: 4, count: 6 })('crop', 5).tolist()).toEqual(all.narrow(0, 4, 6).tolist());
  const others = [draws(3, 'views', 7, { count: 12 })('hue', 5), draws(3, 'views', 8, { count: 12 })('crop', 5)];
  for (const other of others) expect(other.eq(all).any().item()).toBe(0);
});

test('they are uniform, and neighbours do not follow each other', () => {
  const n = 200_000;
  const x = draws(0, 'views', 0, { count: n / 10 })('crop', 10);
  // Five standard errors: of the mean, sqrt(1 / 12 n), and of a correlation, 1 / sqrt(n).
  expect(Math.abs(x.mean().item() - 0.5)).toBeLessThan(5 * Math.sqrt(1 / (12 * n)));
  const cells = torch.ops.bincount(x.flatten().mul(64).to('int64'), null, 64).tolist();
  const chiSquared = cells.reduce((sum, count) => sum + (count - n / 64) ** 2 / (n / 64), 0);
  expect(chiSquared).toBeLessThan(63 + 5 * Math.sqrt(2 * 63));
  const centred = x.sub(0.5).mul(Math.sqrt(12));
  const flat = centred.flatten();
  const correlation = (lag: number) =>
    flat
      .narrow(0, 0, n - lag)
      .mul(flat.narrow(0, lag, n - lag))
      .mean()
      .item();
  for (const lag of [1, 2, 10, 100]) expect(Math.abs(correlation(lag))).toBeLessThan(5 / Math.sqrt(n));
});
