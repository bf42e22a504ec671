/** @file Logistic regression against scikit-learn and against its own gradient in plain loops; folds. */
import { readFileSync } from 'node:fs';
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { stratifiedFolds } from '../src/evaluate/heads/folds.js';
import { logisticHead } from '../src/evaluate/heads/logistic.js';
import { logisticPath } from '../src/evaluate/heads/logistic-path.js';
import { rowsOf } from './rows.js';

beforeAll(() => torch.load());

const { features, labels, logistic } = JSON.parse(
  readFileSync(new URL('fixtures/heads.json', import.meta.url), 'utf8'),
) as { features: number[][]; labels: number[]; logistic: { strength: number; logits: number[][] }[] };
const x = () => torch.tensor(features);
const y = () => torch.tensor(labels, { dtype: 'int64' });
const centred = (row: readonly number[]) => row.map((value) => value - row.reduce((a, b) => a + b) / row.length);

/** It ends at 1e-5, or where float32 finds no lower value: a loss of about 1 has steps of 6e-8, a slope of 3e-5 was seen. */
const SLOPE = 1e-4;

describe('the path from strong to weak', () => {
  const strengths = logistic.map(({ strength }) => strength);
  const path = () => logisticPath(x(), y(), { numClasses: 3, strengths });

  test("has scikit-learn's logits at every strength", () => {
    for (const [i, { weight, bias }] of path().entries()) {
      const found = rowsOf(torch.ops.linear(x(), weight, bias));
      for (const [row, expected] of logistic[i]!.logits.entries()) {
        // Classes moved together change no probability. The least strength is flat: 1e-5 of slope is 1e-5 / 0.003 of weight.
        for (const [c, value] of centred(expected).entries())
          expect(Math.abs(centred(found[row]!)[c]! - value)).toBeLessThan(5e-3);
      }
    }
  });

  test('ends where the gradient is zero', () => {
    for (const { weight, bias, strength, converged } of path()) {
      expect(converged).toBe(true);
      const [w, b] = [rowsOf(weight), bias.tolist() as number[]];
      const p = features.map((row) => {
        const e = w.map((one, c) => Math.exp(one.reduce((sum, value, j) => sum + value * row[j]!, b[c]!)));
        return e.map((value) => value / e.reduce((sum, other) => sum + other));
      });
      for (const [c, one] of w.entries()) {
        const slope = (of: (i: number) => number) =>
          features.reduce((sum, _, i) => sum + (p[i]![c]! - Number(labels[i] === c)) * of(i), 0) / features.length;
        expect(Math.abs(slope(() => 1))).toBeLessThan(SLOPE);
        for (const [j, value] of one.entries())
          expect(Math.abs(slope((i) => features[i]![j]!) + strength * value)).toBeLessThan(SLOPE);
      }
    }
  });
});

describe('folds', () => {
  const given = [...Array(11).fill(0), ...Array(7).fill(1), 2, ...Array(3).fill(3)] as number[];
  let folds: number[][];
  let single: number;
  beforeAll(() => {
    ({ folds, single } = stratifiedFolds(given, 4));
  });

  test('leave out each label once, but the one that is alone in its class', () => {
    expect(folds.flat().sort((a, b) => a - b)).toEqual([...given.keys()].filter((i) => given[i] !== 2));
    expect(single).toBe(1);
  });
  test('have their share of every class, and are of one size', () => {
    expect(folds).toHaveLength(5);
    for (const label of [0, 1, 3]) {
      const share = given.filter((one) => one === label).length / 5;
      for (const fold of folds) {
        const count = fold.filter((i) => given[i] === label).length;
        expect([Math.floor(share), Math.ceil(share)]).toContain(count);
      }
    }
    expect(Math.max(...folds.map((fold) => fold.length)) - Math.min(...folds.map((fold) => fold.length))).toBeLessThan(
      2,
    );
  });
  test('are those of the seed', () => {
    expect(stratifiedFolds(given, 4).folds).toEqual(folds);
    expect(stratifiedFolds(given, 5).folds).not.toEqual(folds);
  });
  test('are as many as the largest class has labels, and none where no class has two', () => {
    expect(stratifiedFolds([0, 0, 1, 1, 1], 0).folds).toHaveLength(3);
    expect(stratifiedFolds([0, 1, 2], 0)).toEqual({ folds: [], single: 3 });
  });
});

describe('the head', () => {
  const head = (seed = 0) => logisticHead(x(), y(), { numClasses: 3, seed });

  test('is the minimum at the strength that the folds choose', () => {
    using made = head();
    const { strength, temperature, curve, by } = made.choice;
    expect(by).toBe('5 folds');
    expect(curve.find((point) => point.strength === strength)!.loss).toBe(Math.min(...curve.map(({ loss }) => loss)));
    const [minimum] = logisticPath(x(), y(), { numClasses: 3, strengths: [strength] });
    const expected = rowsOf(torch.ops.linear(x(), minimum!.weight, minimum!.bias).div(temperature));
    const found = rowsOf(made.logits(x()));
    for (const [i, row] of expected.entries())
      for (const [c, value] of centred(row).entries())
        expect(Math.abs(centred(found[i]!)[c]! - value)).toBeLessThan(5e-3);
  });

  test('with one label a class says that nothing was chosen', () => {
    const three = [0, 1, 2].map((c) => labels.indexOf(c));
    const few = torch.tensor(three.map((i) => features[i]!));
    using made = logisticHead(few, torch.tensor([0, 1, 2], { dtype: 'int64' }), { numClasses: 3, seed: 0 });
    expect(made.choice).toMatchObject({ accuracy: null, curve: [] });
    expect(made.choice.by).toMatch(/no class has two labels/);
    expect(made.logits(few).argmax({ dim: 1 }).tolist()).toEqual([0, 1, 2]);
  });

  test('leaves nothing behind', () => {
    const [a, b] = [x(), y()];
    const before = torch.liveTensors();
    logisticHead(a, b, { numClasses: 3, seed: 0 })[Symbol.dispose]();
    expect(torch.liveTensors()).toBe(before);
  });
});
