/** @file Ridge regression against its normal equations, solved in plain loops, and against scikit-learn. */
import { readFileSync } from 'node:fs';
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { labelWeights } from '../src/evaluate/heads/class-shares.js';
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

const sharesOf = ({ y, w }: Problem): number[] => {
  const total = w.reduce((a, b) => a + b);
  return y[0]!.map((_, c) => y.reduce((sum, row, i) => sum + w[i]! * row[c]!, 0) / total);
};

/** Weights [d][C]: the derivatives of the sum are zero. @param shares what is said without any weight */
function normalEquations({ x, y, w }: Problem, shares: readonly number[], strength: number): number[][] {
  const d = x[0]!.length;
  const sum = (of: (i: number) => number) => x.reduce((total, _, i) => total + w[i]! * of(i), 0);
  const a = Array.from({ length: d }, (_, j) =>
    Array.from({ length: d }, (_, k) => sum((i) => x[i]![j]! * x[i]![k]!) + (j === k ? strength : 0)),
  );
  const b = Array.from({ length: d }, (_, j) => shares.map((share, c) => sum((i) => x[i]![j]! * (y[i]![c]! - share))));
  return solved(a, b);
}

const said = (row: readonly number[], solution: readonly number[][], shares: readonly number[]): number[] =>
  shares.map((share, c) => row.reduce((total, value, j) => total + value * solution[j]![c]!, share));
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
    const shares = sharesOf(all);
    expect(farthest(rowsOf(weight.t()), normalEquations(all, shares, strength))).toBeLessThan(NEAR);
    expect(farthest([bias.tolist()], [shares])).toBeLessThan(NEAR);
  });

  test.each([1e-2, 1, 1e3])('strength %d: what is said of a row is what a fit without it says', (strength) => {
    const all = given();
    const without = (row: number): Problem => {
      const rest = <T>(of: T[]) => of.filter((_, i) => i !== row);
      return { x: rest(all.x), y: rest(all.y), w: rest(all.w) };
    };
    const shares = sharesOf(all);
    const expected = all.x.map((row, i) => said(row, normalEquations(without(i), shares, strength), shares));
    expect(farthest(rowsOf(pathOf(all).leftOut(strength)), expected)).toBeLessThan(NEAR);
  });
});

test.each(fixtures.ridge as { strength: number; weight: number[][]; bias: number[] }[])(
  'strength $strength: the weight of scikit-learn with weights of samples',
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

  test('takes the strength of the least squared error on labels that were left out, and the temperature of the least cross entropy', () => {
    using head = ridgeHead(features(), labels(), { numClasses: 3 });
    const { strength, temperature, curve, accuracy } = head.choice;
    const y = (fixtures.labels as number[]).map((label) => [0, 1, 2].map((c) => Number(c === label)));
    const weights = labelWeights(fixtures.labels);
    const path = ridgePath(tensor(fixtures.features), tensor(y), tensor(weights));
    const leftOut = RIDGE_STRENGTHS.map((s) => rowsOf(path.leftOut(6 * s))); // 6 numbers a representation
    const mean = (values: number[]) => values.reduce((sum, value, i) => sum + weights[i]! * value, 0) / values.length;
    const errors = leftOut.map((rows) =>
      mean(rows.map((row, i) => row.reduce((sum, value, c) => sum + (value - y[i]![c]!) ** 2, 0))),
    );
    // Columns are brought to variance 1 once more, in float32.
    for (const [i, point] of curve.entries()) expect(point.loss).toBeCloseTo(errors[i]!, 5);
    const best = errors.indexOf(Math.min(...errors));
    expect(strength).toBe(RIDGE_STRENGTHS[best]);
    const right = leftOut[best]!.map((row, i) => Number(row.indexOf(Math.max(...row)) === fixtures.labels[i]));
    expect(accuracy).toBeCloseTo(mean(right), 9);
    const loss = (t: number) =>
      mean(
        leftOut[best]!.map(
          (row, i) => Math.log(row.reduce((sum, value) => sum + Math.exp(value / t), 0)) - row[fixtures.labels[i]]! / t,
        ),
      );
    for (const factor of [0.5, 0.9, 1.1, 2]) expect(loss(temperature)).toBeLessThan(loss(factor * temperature));
  });

  test('says logits of representations as they are: those of scaled ones, over the temperature', () => {
    using scale = scaleOf(features());
    using head = ridgeHead(features(), labels(), { numClasses: 3, scale });
    const y = (fixtures.labels as number[]).map((label) => [0, 1, 2].map((c) => Number(c === label)));
    const weights = tensor(labelWeights(fixtures.labels));
    const { weight, bias } = ridgePath(tensor(fixtures.features), tensor(y), weights).at(6 * head.choice.strength);
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
    // The four others count alike.
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
