/** @file Ridge regression against its normal equations, solved in plain loops, and against scikit-learn. */
import { readFileSync } from 'node:fs';
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { RIDGE_STRENGTHS, ridgeHead } from '../src/evaluate/heads/ridge.js';
import { ridgePath } from '../src/evaluate/heads/ridge-path.js';
import { scaleOf } from '../src/evaluate/heads/scale.js';
import { farthest, solved } from './plain-algebra.js';
import { rowsOf } from './rows.js';

beforeAll(() => torch.load());

const fixtures = JSON.parse(readFileSync(new URL('fixtures/heads.json', import.meta.url), 'utf8'));

interface Problem {
  x: number[][];
  y: number[][];
  w: number[];
}

function problem(n: number, d: number, classes: number): Problem & { labels: number[] } {
  const generator = new torch.Generator(n * 100 + d);
  const labels: number[] = torch.randint(0, classes, [n], { generator }).tolist();
  const x = rowsOf(torch.randn([n, d], { generator, dtype: 'float64' }));
  const w: number[] = torch.rand([n], { generator, dtype: 'float64' }).add(0.2).tolist();
  return { x, w, labels, y: labels.map((label) => Array.from({ length: classes }, (_, c) => Number(c === label))) };
}

/** Weights [d][C] and below them the intercept: the derivatives of the sum are zero, the intercept is not shrunk. */
function normalEquations({ x, y, w }: Problem, strength: number): number[][] {
  const rows = x.map((row) => [...row, 1]);
  const size = rows[0]!.length;
  const sum = (of: (i: number) => number) => rows.reduce((total, _, i) => total + w[i]! * of(i), 0);
  const a = Array.from({ length: size }, (_, j) =>
    Array.from(
      { length: size },
      (_, k) => sum((i) => rows[i]![j]! * rows[i]![k]!) + (j === k && j < size - 1 ? strength : 0),
    ),
  );
  const b = Array.from({ length: size }, (_, j) => y[0]!.map((_, c) => sum((i) => rows[i]![j]! * y[i]![c]!)));
  return solved(a, b);
}

const said = (row: readonly number[], solution: readonly (readonly number[])[]): number[] =>
  solution[0]!.map((_, c) => [...row, 1].reduce((total, value, j) => total + value * solution[j]![c]!, 0));
const tensor = (of: number[] | number[][]) => torch.tensor(of, { dtype: 'float64' });
const pathOf = ({ x, y, w }: Problem) => ridgePath(tensor(x), tensor(y), tensor(w));

// float64, and condition numbers of at most 1e5 at the least strength: 1e-9 leaves room.
const NEAR = 1e-8;

describe.each([
  [12, 5],
  [7, 20],
  [9, 9],
])('%d rows of %d numbers', (n, d) => {
  const given = () => problem(n, d, 3);
  test.each([1e-2, 1, 1e3])('strength %d: the solution of the normal equations', (strength) => {
    const all = given();
    const { weight, bias } = pathOf(all).at(strength);
    expect(farthest(rowsOf(torch.cat([weight.t(), bias.unsqueeze(0)])), normalEquations(all, strength))).toBeLessThan(
      NEAR,
    );
  });

  test.each([1e-2, 1, 1e3])('strength %d: what is said of a row is what a fit without it says', (strength) => {
    const all = given();
    const without = (row: number): Problem => {
      const rest = <T>(of: T[]) => of.filter((_, i) => i !== row);
      return { x: rest(all.x), y: rest(all.y), w: rest(all.w) };
    };
    const expected = all.x.map((row, i) => said(row, normalEquations(without(i), strength)));
    expect(farthest(rowsOf(pathOf(all).leftOut(strength)), expected)).toBeLessThan(NEAR);
  });
});

test.each(fixtures.ridge as { strength: number; weight: number[][]; bias: number[] }[])(
  'strength $strength: weight and bias of scikit-learn with weights of samples',
  ({ strength, weight, bias }) => {
    const y = (fixtures.labels as number[]).map((label) => [0, 1, 2].map((c) => Number(c === label)));
    const found = pathOf({ x: fixtures.features, y, w: fixtures.weights }).at(strength);
    expect(farthest(rowsOf(found.weight), weight)).toBeLessThan(NEAR);
    expect(farthest([found.bias.tolist()], [bias])).toBeLessThan(NEAR);
  },
);

describe('the head', () => {
  const features = () =>
    torch
      .tensor(fixtures.features as number[][])
      .mul(3)
      .add(7);
  const labels = () => torch.tensor(fixtures.labels as number[], { dtype: 'int64' });

  test('takes the strength and temperature of the least cross entropy on labels that were left out', () => {
    using head = ridgeHead(features(), labels(), { numClasses: 3 });
    const { strength, temperature, curve } = head.choice;
    const y = (fixtures.labels as number[]).map((label) => [0, 1, 2].map((c) => Number(c === label)));
    const path = ridgePath(tensor(fixtures.features), tensor(y));
    const lossAt = (s: number, t: number) => {
      const scores = rowsOf(path.leftOut(s)).map((row) => row.map((value) => value / t));
      const each = scores.map((row, i) => {
        const most = Math.max(...row);
        return most + Math.log(row.reduce((sum, value) => sum + Math.exp(value - most), 0)) - row[fixtures.labels[i]]!;
      });
      return each.reduce((a, b) => a + b) / each.length;
    };
    /** Temperatures from a hundredth to a hundred times the standard deviation of the scores. */
    const grid = (s: number) => {
      const all = rowsOf(path.leftOut(s)).flat();
      const mean = all.reduce((a, b) => a + b) / all.length;
      const spread = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
      return Array.from({ length: 161 }, (_, i) => spread * 10 ** (-2 + i / 40));
    };
    const best = RIDGE_STRENGTHS.map((s) => Math.min(...grid(s).map((t) => lossAt(s, t))));
    for (const [i, point] of curve.entries()) {
      expect(point.loss).toBeLessThan(best[i]! + 1e-4);
      expect(point.loss).toBeCloseTo(lossAt(point.strength, point.temperature), 6);
    }
    const least = curve.reduce((a, b) => (b.loss < a.loss ? b : a));
    expect([strength, temperature]).toEqual([least.strength, least.temperature]);
  });

  test('says logits of representations as they are: those of scaled ones, over the temperature', () => {
    using scale = scaleOf(features());
    using head = ridgeHead(features(), labels(), { numClasses: 3, scale });
    const y = (fixtures.labels as number[]).map((label) => [0, 1, 2].map((c) => Number(c === label)));
    const { weight, bias } = ridgePath(tensor(fixtures.features), tensor(y)).at(head.choice.strength);
    const expected = torch.ops.linear(tensor(fixtures.features), weight, bias).div(head.choice.temperature);
    expect(farthest(rowsOf(head.logits(features())), rowsOf(expected))).toBeLessThan(1e-4); // float32
    const sums: number[] = head.probabilities(features()).sum([1]).tolist();
    for (const sum of sums) expect(sum).toBeCloseTo(1, 5);
  });

  test('a label that is alone in its class is not left out, and that is said', () => {
    using head = ridgeHead(features().narrow(0, 0, 5), torch.tensor([0, 1, 1, 2, 2], { dtype: 'int64' }), {
      numClasses: 3,
    });
    expect(head.choice.by).toMatch(/1 that are alone/);
    expect(head.choice.accuracy! * 4).toBeCloseTo(Math.round(head.choice.accuracy! * 4), 9);
  });

  test('with one label a class nothing can be left out: a default, which is said', () => {
    using head = ridgeHead(features().narrow(0, 0, 3), torch.tensor([0, 1, 2], { dtype: 'int64' }), { numClasses: 3 });
    expect(head.choice).toMatchObject({ accuracy: null, curve: [] });
    expect(head.choice.by).toMatch(/no class has two labels/);
    expect(
      head
        .logits(features().narrow(0, 0, 3))
        .argmax({ dim: 1 })
        .tolist(),
    ).toEqual([0, 1, 2]);
  });

  test.each([
    [[1, 1, 1], /there is one/],
    [[], /there is none/],
    [[0, -1, 1], /-1 is no class/],
  ])('labels %j are refused: LABELS_MISSING', (given, words) => {
    const few = features().narrow(0, 0, given.length);
    const make = () => ridgeHead(few, torch.tensor(given, { dtype: 'int64' }), { numClasses: 3 });
    expect(make).toThrow(words);
    expect(make).toThrow(/LABELS_MISSING/);
  });

  test('leaves nothing behind', () => {
    const [x, y] = [features(), labels()];
    const before = torch.liveTensors();
    ridgeHead(x, y, { numClasses: 3 })[Symbol.dispose]();
    expect(torch.liveTensors()).toBe(before);
  });
});
