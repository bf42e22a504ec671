/** @file Alignment, uniformity and effective rank against their definitions in plain loops, and at their extremes. */
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { effectiveRank, health } from '../src/ssl/health.js';
import { rowsOf } from './rows.js';

beforeAll(() => torch.load());

const unit = (row: number[]) => {
  const length = Math.hypot(...row);
  return row.map((value) => value / length);
};
const distance2 = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;

/** Wang and Isola 2020, equations 4 and 5 with alpha = 2, t = 2; rows 2i and 2i + 1 are partners. */
function byDefinition(z: number[][]) {
  const rows = z.map(unit);
  const partners = rows.flatMap((row, i) => (i % 2 === 0 ? [distance2(row, rows[i + 1]!)] : []));
  const pairs = rows.flatMap((row, i) => rows.slice(i + 1).map((other) => Math.exp(-2 * distance2(row, other))));
  return { alignment: mean(partners), uniformity: Math.log(mean(pairs)) };
}

describe('alignment and uniformity', () => {
  test('of random projections are those of the definition', () => {
    const z = torch.randn([32, 6], { generator: new torch.Generator(1) });
    const expected = byDefinition(rowsOf(z));
    const { alignment, uniformity } = health(torch.randn([32, 6]), z);
    expect(alignment).toBeCloseTo(expected.alignment, 10); // both in float64
    expect(uniformity).toBeCloseTo(expected.uniformity, 10);
  });
  test('of a collapsed encoder are 0 and 0', () => {
    const z = torch.ones([8, 4]).mul(torch.arange(1, 9, { dtype: 'float32' }).reshape([8, 1]));
    const { alignment, uniformity } = health(torch.randn([8, 4]), z);
    expect(alignment).toBeCloseTo(0, 10);
    expect(uniformity).toBeCloseTo(0, 10);
  });
  test('of partners that coincide on opposite poles', () => {
    const z = torch.tensor([
      [1, 0],
      [2, 0],
      [-1, 0],
      [-5, 0],
    ]);
    // 2 of 6 pairs coincide (1), 4 are opposite (exp(-8)).
    const { alignment, uniformity } = health(torch.randn([4, 2]), z);
    expect(alignment).toBeCloseTo(0, 10);
    expect(uniformity).toBeCloseTo(Math.log((2 + 4 * Math.exp(-8)) / 6), 10);
  });
});

describe('effective rank', () => {
  test('equal spread over r directions is r', () => {
    const r = 5;
    // +e_i and -e_i for each of r axes among 12: centred, and all r singular values are sqrt(2).
    const rows = Array.from({ length: 2 * r }, (_, i) =>
      Array.from({ length: 12 }, (_, j) => (j === i >> 1 ? (i % 2 === 0 ? 1 : -1) : 0)),
    );
    expect(effectiveRank(torch.tensor(rows))).toBeCloseTo(r, 8);
  });
  test('one direction is 1, wherever its mean lies', () => {
    const rows = Array.from({ length: 9 }, (_, i) => [100 + i, 200 + 2 * i, -50 - i]);
    expect(effectiveRank(torch.tensor(rows))).toBeCloseTo(1, 6);
  });
  test('singular values 3 and 1 are exp of the entropy of 3/4 and 1/4', () => {
    const rows = [
      [3, 0],
      [-3, 0],
      [0, 1],
      [0, -1],
    ];
    const entropy = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25));
    expect(effectiveRank(torch.tensor(rows))).toBeCloseTo(Math.exp(entropy), 10);
  });
});

test('representations that are not finite have no effective rank', () => {
  const h = torch.scope(() => torch.ones([4, 3]).mul(Number.POSITIVE_INFINITY));
  expect(effectiveRank(h)).toBeNaN();
  h.dispose();
});
