/** @file The label curve against classifiers fitted by hand, and the forecast against laws that are known. */
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { forecast } from '../src/evaluate/exam/forecast.js';
import { type LabelCurve, type LabelCurveOptions, labelCurve } from '../src/evaluate/exam/label-curve.js';
import { betweenParts, labelVariance } from '../src/evaluate/exam/label-luck.js';
import { exponentOf, gainBy } from '../src/evaluate/exam/power-law.js';
import { wilson } from '../src/evaluate/exam/wilson.js';
import { ridgeHead } from '../src/evaluate/heads/ridge.js';

beforeAll(() => torch.load());

function problem(n: number, m: number): LabelCurveOptions {
  const generator = new torch.Generator(n);
  const centres = torch.randn([3, 20], { generator });
  const part = (count: number) => {
    const classes = Array.from({ length: count }, (_, i) => i % 3);
    const x = centres.indexSelect(0, torch.tensor(classes, { dtype: 'int64' }));
    return { classes, features: x.add(torch.randn([count, 20], { generator }).mul(2)) };
  };
  const [known, exam] = [part(n), part(m)];
  return {
    ...{ features: known.features, labels: known.classes, numClasses: 3, seed: 1, repeats: 3 },
    exam: { features: exam.features, truth: exam.classes },
  };
}

describe('the label curve', () => {
  test('a point is the classifier of the first labels on the exam', () => {
    const options = problem(60, 90);
    const { points, exam } = labelCurve({ ...options, sizes: [40, 6, 60, 6] });
    expect(exam).toBe(90);
    expect(points.map(({ labels }) => labels)).toEqual([6, 40, 60]);
    for (const { labels, random, ...share } of points) {
      const known = torch.tensor(options.labels.slice(0, labels), { dtype: 'int64' });
      // Scaled by all labelled images, not by these alone.
      const mean = options.features.mean([0]);
      const factor = options.features.std({ dim: [0], correction: 0 }).reciprocal();
      const scale = { mean, factor, [Symbol.dispose]() {} };
      using head = ridgeHead(options.features.narrow(0, 0, labels), known, { numClasses: 3, scale });
      const said: number[] = head.logits(options.exam.features).argmax({ dim: 1 }).tolist();
      expect(share).toEqual(wilson(said.filter((one, i) => one === options.exam.truth[i]).length, 90));
      expect(random.length).toBe(3);
    }
  });

  test('random parts differ, but for the one of all labels; the same call gives the same', () => {
    const options = problem(60, 90);
    const { points } = labelCurve({ ...options, sizes: [10, 60] });
    const [few, all] = points.map(({ random }) => random.map((one) => one.join('')));
    expect(new Set(few).size).toBeGreaterThan(1);
    expect(new Set(all).size).toBe(1);
    expect(labelCurve({ ...options, sizes: [10, 60] }).points).toEqual(points);
    expect(labelCurve({ ...options, seed: 2, sizes: [10, 60] }).points[0]!.random).not.toEqual(points[0]!.random);
  });

  test('sizes go down from all labels by the square root of two', () => {
    expect(labelCurve({ ...problem(60, 9), repeats: 1 }).points.map(({ labels }) => labels)).toEqual([
      ...[11, 15, 21, 30, 42, 60],
    ]);
  });

  test('labels of one class: a classifier that always says it', () => {
    const options = { ...problem(6, 9), labels: [2, 2, 2, 0, 1, 2] };
    expect(labelCurve({ ...options, sizes: [1, 3] }).points.map(({ accuracy }) => accuracy)).toEqual([1 / 3, 1 / 3]);
  });

  test('leaves nothing behind', () => {
    const options = problem(30, 30);
    const before = torch.liveTensors();
    labelCurve({ ...options, sizes: [10, 30] });
    expect(torch.liveTensors()).toBe(before);
  });

  test.each([
    [{ sizes: [0] }, /0 of 12 labels cannot be/],
    [{ sizes: [13] }, /13 of 12 labels/],
    [{ labels: [0, 1] }, /12 values of one and 2/],
    [{ labels: Array(12).fill(3) }, /image 0 has class 3/],
  ])('%j is refused: EXAM_INVALID', (wrong, words) => {
    const call = () => labelCurve({ ...problem(12, 9), ...wrong });
    expect(call).toThrow(words);
    expect(call).toThrow(/EXAM_INVALID/);
  });
});

/** A curve whose parts are right with a given probability on each image, and with luck of their own. */
function drawn(
  sizes: number[],
  error: (size: number) => number,
  { m = 400, repeats = 8, luck = 0, seed = 0 } = {},
): LabelCurve {
  const generator = new torch.Generator(seed);
  const uniform = (count: number): number[] => torch.rand([count], { generator, dtype: 'float64' }).tolist();
  const hard = uniform(m); // an image is wrong where it is harder than a classifier is good
  const points = sizes.map((labels) => {
    const shift: number[] = torch.randn([repeats], { generator, dtype: 'float64' }).mul(luck).tolist();
    const random = shift.map((one) => Uint8Array.from(hard, (h) => Number(h > error(labels) + one)));
    return { labels, ...wilson(0, m), random };
  });
  return { points, exam: m };
}

describe('the power law', () => {
  test.each([0, 0.1])('of errors that follow one to a floor of %d: its exponent; of errors that rise: 0', (floor) => {
    const sizes = [25, 50, 100, 200];
    const errors = sizes.map((size) => floor + 2 * size ** -0.3);
    expect(exponentOf(sizes, errors, floor)).toBeCloseTo(0.3, 12);
    expect(exponentOf(sizes, [0.2, 0.3, 0.4, 0.5], floor)).toBe(0);
  });
  test('what is gained is the law here less the law there', () => {
    const law = (s: number) => 2 * s ** -0.3;
    expect(gainBy(law(200), 0.3, 200, 50)).toBeCloseTo(law(200) - law(250), 12);
  });
});

describe('the luck of labels', () => {
  test('is the variance between parts, without what the images of the exam add to it', () => {
    // Parts with accuracies 0.7 ± 0.05 on endlessly many images, drawn on 300: mean of 400 estimates, each with a standard deviation of
    // about 0.0019 (chi-squared with 7 degrees of freedom, and the images' share): 0.0001 on their mean.
    const generator = new torch.Generator(5);
    let sum = 0;
    for (let i = 0; i < 400; i++) {
      const levels: number[] = torch.randn([8], { generator, dtype: 'float64' }).mul(0.05).add(0.7).tolist();
      const parts = levels.map((level) => {
        const u: number[] = torch.rand([300], { generator, dtype: 'float64' }).tolist();
        return Uint8Array.from(u, (one) => Number(one < level));
      });
      sum += betweenParts(parts, 300);
    }
    expect(Math.abs(sum / 400 - 0.0025)).toBeLessThan(0.0004);
  });
  test('is 0 where parts agree', () => {
    expect(labelVariance(drawn([25, 50, 100, 200], (s) => s ** -0.3))).toBeCloseTo(0, 12);
  });
});

describe('the forecast', () => {
  const sizes = [25, 35, 50, 71, 100, 141, 200];
  const law = (s: number) => 1.5 * s ** -0.3;

  test('of a curve that follows a law holds what the law says, and is the same each time', () => {
    const curve = drawn(sizes, law, { luck: 0.02 });
    const found = forecast(curve, 100, { seed: 3 });
    expect(found).toEqual(forecast(curve, 100, { seed: 3 }));
    if (!found.possible) throw new Error(found.why);
    const truth = law(200) - law(300);
    expect(found.low).toBeLessThan(truth);
    expect(found.high).toBeGreaterThan(truth);
    expect(Math.abs(found.gain - truth)).toBeLessThan(0.015); // the exam's error of 400 images is known to ± 0.025, the gain is a ninth of it
    expect(found.low).toBeLessThan(found.gain);
    expect(found.high).toBeGreaterThan(found.gain);
  });
  test('luck of labels widens it', () => {
    const width = (luck: number) => {
      const found = forecast(drawn(sizes, law, { luck }), 100);
      return found.possible ? found.high - found.low : Number.NaN;
    };
    expect(width(0.03)).toBeGreaterThan(1.5 * width(0));
  });
  test('with three parts of each size it is as wide as Student says: 4.3 standard deviations to each side, not 1.96', () => {
    const curve = drawn(sizes, law, { m: 2000, luck: 0.03, repeats: 3, seed: 1 });
    const found = forecast(curve, 100);
    const spread = Math.sqrt(labelVariance(curve) * (1 / 200 - 1 / 300));
    const half = found.possible ? (found.high - found.low) / 2 / spread : Number.NaN;
    // The 2.5 % quantile of 1,000 draws with two degrees of freedom is known to a tenth; exponent and exam add a twentieth.
    expect(half).toBeGreaterThan(3.4);
    expect(half).toBeLessThan(5.6);
  });
  test('of a curve that ends without any error is a number', () => {
    const found = forecast(
      drawn(sizes, (s) => Math.max(0, 0.2 - s / 1000)),
      100,
    );
    if (!found.possible) throw new Error(found.why);
    expect([found.low, found.gain, found.high].every(Number.isFinite)).toBe(true);
    expect(found.gain).toBeGreaterThanOrEqual(0);
  });
  test('of a curve that does not rise is nothing', () => {
    const found = forecast(
      drawn(sizes, () => 0.4),
      100,
    );
    expect(found).toMatchObject({ possible: true, gain: 0 });
  });
  test.each([
    ['three sizes', drawnLater([25, 50, 100]), 50, /too short: 3 sizes from 25 to 100 labels/],
    ['sizes that are near each other', drawnLater([100, 120, 150, 200]), 50, /4 times the smallest/],
    ['no sizes', drawnLater([]), 50, /0 sizes/],
    ['a small exam', drawnLater(sizes, { m: 40 }), 50, /exam has 40 images/],
    ['one part of each size', drawnLater(sizes, { repeats: 1 }), 50, /fewer than two random parts/],
    [
      'more labels than the curve can tell',
      drawnLater(sizes),
      1500,
      /beyond the curve, which has grown 8.0-fold from 25 to 200/,
    ],
  ] as const)('%s: not possible, and why', (_, curve, more, words) => {
    const found = forecast(curve(), more);
    expect(found.possible).toBe(false);
    expect(found.possible ? '' : found.why).toMatch(words);
  });
  function drawnLater(of: readonly number[], options = {}) {
    return () => drawn([...of], law, options);
  }
  test.each([0, -5, Number.NaN])('%d further labels are refused: EXAM_INVALID', (more) => {
    expect(() => forecast(drawn(sizes, law), more)).toThrow(/EXAM_INVALID/);
  });
});
