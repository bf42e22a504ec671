/** @file Intervals of an accuracy against their equations, and how often they hold the truth: counted exactly, and in simulated exams. */
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { accuracyInterval } from '../src/evaluate/exam/accuracy-interval.js';
import { predictionPowered } from '../src/evaluate/exam/prediction-powered.js';
import { wilson } from '../src/evaluate/exam/wilson.js';

beforeAll(() => torch.load());

const Z = 1.959963984540054;

describe('Wilson', () => {
  test.each([
    [3, 10],
    [90, 100],
    [399, 400],
    [5000, 50_000],
  ])('%d of %d: both ends are z standard errors, by their own share, from what was counted', (right, n) => {
    const { accuracy, low, high } = wilson(right, n);
    expect(accuracy).toBe(right / n);
    for (const end of [low, high]) {
      expect(Math.abs(accuracy - end) / Math.sqrt((end * (1 - end)) / n)).toBeCloseTo(Z, 9);
    }
    expect(low).toBeLessThan(accuracy);
    expect(high).toBeGreaterThan(accuracy);
  });
  test('none, all and nothing', () => {
    expect(wilson(0, 20).low).toBe(0);
    expect(wilson(0, 20).high).toBeCloseTo(Z ** 2 / (20 + Z ** 2), 12);
    expect(wilson(20, 20).high).toBe(1);
    expect(wilson(0, 0)).toEqual({ accuracy: 0, low: 0, high: 1, n: 0 });
  });
  test.each([
    [3, 2],
    [-1, 2],
    [0.5, 2],
    [Number.NaN, 2],
  ])('%d of %d is refused: EXAM_INVALID', (right, n) => {
    expect(() => wilson(right, n)).toThrow(/cannot be[\s\S]*EXAM_INVALID/);
  });
  // Not simulated: all n + 1 results, each by its binomial probability. Brown, Cai and DasGupta 2001 find a mean of 0.95 and single
  // dips; below 0.92 there is none between shares of 0.05 and 0.95 from 50 images on.
  test.each([50, 100, 400])('%d images: holds 95 % of truths on average, and none in fewer than 92 %', (n) => {
    const shares = Array.from({ length: 91 }, (_, i) => 0.05 + i / 100);
    const coverage = shares.map((share) => {
      let [logP, held] = [n * Math.log(1 - share), 0];
      for (let k = 0; k <= n; k++) {
        const { low, high } = wilson(k, n);
        if (low <= share && share <= high) held += Math.exp(logP);
        logP += Math.log(((n - k) / (k + 1)) * (share / (1 - share)));
      }
      return held;
    });
    const mean = coverage.reduce((a, b) => a + b) / coverage.length;
    expect(Math.abs(mean - 0.95)).toBeLessThan(0.005);
    expect(Math.min(...coverage)).toBeGreaterThan(0.92);
  });
});

interface Collection {
  right: number[];
  certainty: number[];
}

/** Certainties u^power between 0.1 and 1, and right with a probability that is a function of them. */
function collection(count: number, power: number, truth: (certainty: number) => number): Collection {
  const generator = new torch.Generator(Math.round(count + 100 * power));
  const [u, v] = [0, 1].map((): number[] => torch.rand([count], { generator, dtype: 'float64' }).tolist());
  const certainty = u!.map((one) => 0.1 + 0.9 * one ** power);
  return { certainty, right: certainty.map((one, i) => Number(v![i]! < truth(one))) };
}

/** An exam without replacement: the first n of a shuffle that goes no further. */
function examOf({ right, certainty }: Collection, n: number, seed: number) {
  const draws: number[] = torch.scope(() =>
    torch.rand([n], { generator: new torch.Generator(seed), dtype: 'float64' }).tolist(),
  );
  const order = right.map((_, i) => i);
  for (const [i, draw] of draws.entries()) {
    const j = i + Math.floor(draw * (right.length - i));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const exam = order.slice(0, n);
  return {
    examRight: exam.map((i) => right[i] as 0 | 1),
    examCertainty: exam.map((i) => certainty[i]!),
    certainty: order.slice(n).map((i) => certainty[i]!),
  };
}

describe('prediction-powered', () => {
  let calibrated: Collection;
  beforeAll(() => {
    calibrated = collection(2000, 0.5, (one) => one);
  });

  test('is the equations of the papers, with n - 2 and an effective number of images', () => {
    const answers = examOf(calibrated, 150, 1);
    const { examRight: y, examCertainty: f, certainty: g } = answers;
    // A covariance is half the mean product of differences of pairs: no mean is taken.
    const covariance = (a: readonly number[], b: readonly number[]) => {
      let sum = 0;
      for (let i = 0; i < a.length; i++) for (let j = 0; j < i; j++) sum += (a[i]! - a[j]!) * (b[i]! - b[j]!);
      return sum / (a.length * (a.length - 1));
    };
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
    const [n, others] = [y.length, g.length];
    const spread = covariance(g, g);
    const lambda = covariance(y, f) / ((1 + n / others) * spread);
    const rest = y.map((one, i) => one - lambda * f[i]!);
    const theta = mean(rest) + lambda * mean(g);
    const variance = (covariance(rest, rest) * (n - 1)) / (n - 2) / n + (lambda ** 2 * spread) / others;
    const found = predictionPowered(answers);
    expect(found.method).toBe('prediction-powered');
    expect(found.lambda).toBeCloseTo(lambda, 9);
    expect(found.accuracy).toBeCloseTo(theta, 9);
    expect(found.effective).toBeCloseTo((theta * (1 - theta)) / variance, 6);
    for (const end of [found.low, found.high]) {
      expect(Math.abs(theta - end) / Math.sqrt((end * (1 - end)) / found.effective)).toBeCloseTo(Z, 9);
    }
  });

  test('certainties that say nothing count nothing: the same for all, or the surer the more wrong', () => {
    const answers = examOf(calibrated, 150, 2);
    const same = predictionPowered({
      ...answers,
      examCertainty: answers.examCertainty.map(() => 0.7),
      certainty: answers.certainty.map(() => 0.7),
    });
    const right = answers.examRight.reduce<number>((a, b) => a + b, 0);
    expect(same.lambda).toBe(0);
    expect(same.accuracy).toBeCloseTo(right / 150, 12);
    // n / (n - 2) of the variance is all the difference.
    expect(same.high - same.low).toBeCloseTo(wilson(right, 150).high - wilson(right, 150).low, 2);
    const contrary = predictionPowered({
      ...answers,
      examCertainty: answers.examCertainty.map((x) => 1 - x),
      certainty: answers.certainty.map((x) => 1 - x),
    });
    expect(contrary.lambda).toBe(0);
  });

  test.each([
    ['99 images', 99, 40, 500, /fewer than 100 images/],
    ['four wrong', 200, 196, 500, /fewer than 5 images of the exam are wrong/],
    ['four right', 200, 4, 500, /fewer than 5 images of the exam are right/],
    ['fewer others than exam images', 200, 100, 199, /fewer other images/],
  ])('%s: Wilson, and it says so', (_, n, right, others, words) => {
    const examRight = Array.from({ length: n }, (_, i): 0 | 1 => (i < right ? 1 : 0));
    const found = predictionPowered({
      ...{ examRight, examCertainty: examRight.map((one, i) => 0.4 + 0.5 * one + (i % 7) / 100) },
      certainty: Array.from({ length: others }, (_, i) => (i % 100) / 100),
    });
    expect(found).toMatchObject({ method: 'wilson', lambda: 0, effective: n, ...wilson(right, n) });
    expect(found.why).toMatch(words);
  });

  test('an interval without certainties is the exam alone', () => {
    expect(accuracyInterval({ examRight: [1, 0, 1] })).toMatchObject({ method: 'wilson', ...wilson(2, 3) });
    expect(accuracyInterval({ examRight: [] })).toMatchObject({ low: 0, high: 1, n: 0 });
  });

  test.each([
    [{ examRight: [1, 0], examCertainty: [0.5], certainty: [0.5] }, /2 values of one and 1 of the other/],
    [{ examRight: [1, 2], examCertainty: [0.5, 0.5], certainty: [0.5] }, /answer 1 is 2/],
    [{ examRight: [1, 0], examCertainty: [0.5, 1.5], certainty: [0.5] }, /value 1 is 1.5/],
    [{ examRight: [1, 0], examCertainty: [0.5, 0.5], certainty: [Number.NaN] }, /value 0 is NaN/],
  ])('%j is refused: EXAM_INVALID', (answers, words) => {
    expect(() => accuracyInterval(answers as never)).toThrow(words);
    expect(() => accuracyInterval(answers as never)).toThrow(/EXAM_INVALID/);
  });
});

// 2,000 exams each: the standard error of a coverage of 95 % is 0.49 points, so a sound interval lies within 93.5 and 96.5 % in 997 of 1,000
// cases. Near an accuracy of 1 few numbers can be counted, and the coverage itself moves by a point: 93 to 97 %, as the issue asks.
describe.each([
  ['calibrated certainties', 0.5, (x: number) => x],
  ['certainties that are much too high', 0.2, (x: number) => x - 0.3],
  ['certainties that are too low', 2, (x: number) => Math.min(1, 1.5 * x)],
  ['an accuracy of 96 %', 0.05, (x: number) => x],
  ['certainties that say nothing', 1, () => 0.7],
] as const)('of 2,000 exams, %s:', (_, power, truth) => {
  test.each([100, 200, 400])('%d images: the interval holds the accuracy on all images in 93 to 97 %', (n) => {
    const all = collection(8000, power, truth);
    const accuracy = all.right.reduce((a, b) => a + b, 0) / all.right.length;
    let [held, width, widthAlone] = [0, 0, 0];
    for (let seed = 0; seed < 2000; seed++) {
      const answers = examOf(all, n, seed);
      const { low, high } = accuracyInterval(answers);
      const alone = accuracyInterval({ examRight: answers.examRight });
      if (low <= accuracy && accuracy <= high) held++;
      width += high - low;
      widthAlone += alone.high - alone.low;
    }
    expect(held / 2000).toBeGreaterThan(0.93);
    expect(held / 2000).toBeLessThan(0.97);
    expect(width).toBeLessThan(1.02 * widthAlone);
  });
});

test('at an accuracy of 96 % and 400 images, the symmetric interval of the papers holds the truth less often', () => {
  const all = collection(8000, 0.05, (x) => x);
  const accuracy = all.right.reduce((a, b) => a + b, 0) / all.right.length;
  let [held, symmetric] = [0, 0];
  for (let seed = 0; seed < 2000; seed++) {
    const found = predictionPowered(examOf(all, 400, seed));
    const half = Z * Math.sqrt((found.accuracy * (1 - found.accuracy)) / found.effective);
    if (found.low <= accuracy && accuracy <= found.high) held++;
    if (Math.abs(found.accuracy - accuracy) <= half) symmetric++;
  }
  expect(symmetric).toBeLessThan(held - 10); // the same exams: half a point is what the two rules differ in, not luck of different draws
});
