/** @file The linear probe against the minimum of its own loss, found by Newton's method in plain numbers. */
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { trainProbe } from '../src/evaluate/probe.js';
import { rowsOf } from './rows.js';

beforeAll(() => torch.load());

/**
 * Two classes and one feature: softmax regression with l2 / 2 * ||W||^2 has W = (-w, w) / 2 and b = (-c, c) / 2 at its
 * minimum, by symmetry, so that the loss is mean log(1 + exp(-y (w x + c))) + l2 / 4 * w^2, in two numbers.
 */
function newton(x: number[], y: number[], l2: number): { w: number; c: number; loss: number } {
  let [w, c] = [0, 0];
  for (let step = 0; step < 50; step++) {
    let [gw, gc, hww, hwc, hcc] = [(l2 / 2) * w, 0, l2 / 2, 0, 0];
    x.forEach((value, i) => {
      const p = 1 / (1 + Math.exp(y[i]! * (w * value + c)));
      gw -= (p * y[i]! * value) / x.length;
      gc -= (p * y[i]!) / x.length;
      const h = (p * (1 - p)) / x.length;
      hww += h * value * value;
      hwc += h * value;
      hcc += h;
    });
    const determinant = hww * hcc - hwc * hwc;
    w -= (hcc * gw - hwc * gc) / determinant;
    c -= (hww * gc - hwc * gw) / determinant;
  }
  const fit = x.reduce((sum, value, i) => sum + Math.log(1 + Math.exp(-y[i]! * (w * value + c))), 0) / x.length;
  return { w, c, loss: fit + (l2 / 4) * w * w };
}

const raw = [0.1, 0.5, 0.9, 1.4, 1.7, 2.2, 2.4, 3.1, 3.3, 4.0];
const classOf = [0, 0, 1, 0, 0, 1, 0, 1, 1, 1]; // overlapping, so that the minimum is finite without l2 too

/** As the probe does: mean 0, standard deviation 1 (n - 1). */
function standardised(): number[] {
  const mean = raw.reduce((a, b) => a + b) / raw.length;
  const std = Math.sqrt(raw.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (raw.length - 1));
  return raw.map((value) => (value - mean) / std);
}

describe('two classes, one feature', () => {
  test.each([[1e-4], [0.1], [2]])('l2 = %d: loss and logits are those of the minimum', (l2) => {
    const features = torch.tensor(raw.map((value) => [value]));
    const labels = torch.tensor(classOf, { dtype: 'int64' });
    const expected = newton(
      standardised(),
      classOf.map((c) => 2 * c - 1),
      l2,
    );
    const probe = trainProbe(features, labels, { numClasses: 2, l2, iterations: 100 });
    expect(probe.loss).toBeCloseTo(expected.loss, 6);
    expect(probe.converged).toBe(true);
    const logits = rowsOf(probe.logits(features));
    const margins = logits.map(([a, b]) => b! - a!);
    for (const [i, value] of standardised().entries()) {
      expect(margins[i]).toBeCloseTo(expected.w * value + expected.c, 3);
    }
    probe.dispose();
  });
});

test('the scale of a feature does not matter, nor does a constant one', () => {
  const generator = new torch.Generator(2);
  const labels = torch.randint(0, 3, [60], { generator, dtype: 'int64' });
  const plain = torch.randn([60, 4], { generator }).add(torch.ops.oneHot(labels, 4).to('float32'));
  const scaled = torch.cat([plain.mul(torch.tensor([1000, 1, 0.01, 7])).add(5), torch.full([60, 1], 3)], 1);
  const options = { numClasses: 3, l2: 1e-3, iterations: 300 };
  const [a, b] = [trainProbe(plain, labels, options), trainProbe(scaled, labels, options)];
  expect(b.loss).toBeCloseTo(a.loss, 3);
  const guess = (logits: torch.Tensor) => logits.argmax({ dim: 1 }).tolist();
  expect(guess(b.logits(scaled))).toEqual(guess(a.logits(plain)));
});

test('steps are bounded, and it is said whether they were enough', () => {
  const generator = new torch.Generator(3);
  const labels = torch.randint(0, 10, [200, 1], { generator, dtype: 'int64' }).squeeze(1);
  const features = torch.randn([200, 16], { generator }).add(torch.ops.oneHot(labels, 16).to('float32'));
  const probe = (iterations: number) => trainProbe(features, labels, { numClasses: 10, l2: 0.01, iterations });
  const [few, many] = [probe(3), probe(400)];
  expect(few).toMatchObject({ steps: 3, converged: false });
  expect(many.converged).toBe(true);
  expect(many.steps).toBeLessThan(60);
  expect(many.loss).toBeLessThan(few.loss);
});

test('training leaves nothing behind once the probe is disposed', () => {
  const features = torch.randn([20, 3]);
  const labels = torch.tensor(
    Array.from({ length: 20 }, (_, i) => i % 2),
    { dtype: 'int64' },
  );
  const before = torch.liveTensors();
  trainProbe(features, labels, { numClasses: 2, l2: 0, iterations: 5 }).dispose();
  expect(torch.liveTensors()).toBe(before);
});
