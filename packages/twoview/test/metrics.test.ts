/** @file Metrics of logits against their definitions in plain loops. */
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { calibrationError, type Metrics, metricsOf } from '../src/evaluate/metrics.js';
import { rowsOf } from './rows.js';

beforeAll(() => torch.load());

const N = 300;
const C = 7;
const drawn = () =>
  torch.scope(() => {
    const generator = new torch.Generator(11);
    const labels = torch.randint(0, C, [N], { generator, dtype: 'int64' });
    const hint = torch.ops.oneHot(labels, C).to('float32').mul(1.5);
    return {
      logits: rowsOf(torch.randn([N, C], { generator }).add(hint)),
      labels: labels.tolist() as number[],
    };
  });

/** Shares no line with metricsOf. */
function byDefinition(logits: number[][], labels: number[]) {
  const probabilities = logits.map((row) => {
    const total = row.reduce((sum, value) => sum + Math.exp(value), 0);
    return row.map((value) => Math.exp(value) / total);
  });
  const guess = logits.map((row) => row.indexOf(Math.max(...row)));
  const rank = logits.map((row, i) => row.filter((value) => value > row[labels[i]!]!).length);
  const share = (hits: boolean[]) => hits.filter(Boolean).length / hits.length;
  const confusion = Array.from({ length: C }, (_, t) =>
    Array.from({ length: C }, (_, g) => labels.filter((label, i) => label === t && guess[i] === g).length),
  );
  // Guo et al. 2017, equation 3: bins ((m - 1) / 15, m / 15] by the confidence of the prediction.
  let ece = 0;
  for (let m = 1; m <= 15; m++) {
    const inside = labels
      .map((_, i) => i)
      .filter((i) => {
        const confidence = probabilities[i]![guess[i]!]!;
        return confidence > (m - 1) / 15 && confidence <= m / 15;
      });
    if (inside.length === 0) continue;
    const right = share(inside.map((i) => guess[i] === labels[i]));
    const sure = inside.reduce((sum, i) => sum + probabilities[i]![guess[i]!]!, 0) / inside.length;
    ece += (inside.length / N) * Math.abs(right - sure);
  }
  return {
    accuracy: share(labels.map((label, i) => guess[i] === label)),
    top5: share(rank.map((r) => r < 5)),
    loss: labels.reduce((sum, label, i) => sum - Math.log(probabilities[i]![label]!), 0) / N,
    perClass: confusion.map((row, t) => row[t]! / row.reduce((a, b) => a + b)),
    confusion,
    ece,
    wrong: labels.flatMap((label, i) => (guess[i] === label ? [] : [i])),
    sure: probabilities.map((row) => Math.max(...row)),
  };
}

/** The metrics are means of float32 values near 1; one step there is 6e-8, and sums of 300 lose a little more. */
const DIGITS = 5;

describe('metrics of 300 random logits over 7 classes', () => {
  const both = (): [Metrics, ReturnType<typeof byDefinition>] => {
    const { logits, labels } = drawn();
    const metrics = metricsOf(torch.tensor(logits), torch.tensor(labels, { dtype: 'int64' }));
    return [metrics, byDefinition(logits, labels)];
  };

  test('are neither all right nor all wrong, so that the comparison means something', () => {
    const [, expected] = both();
    expect(expected.accuracy).toBeGreaterThan(0.3);
    expect(expected.top5).toBeLessThan(1);
  });
  test.each(['accuracy', 'top5', 'loss', 'ece'] as const)('%s', (name) => {
    const [metrics, expected] = both();
    expect(metrics[name]).toBeCloseTo(expected[name], DIGITS);
  });
  test('per class, and confusion with true classes as rows', () => {
    const [{ perClass, confusion }, expected] = both();
    expect(confusion).toEqual(expected.confusion);
    expect(perClass).toEqual(expected.perClass);
  });
  test('mistakes: at most 100, the most confident first, each with its place', () => {
    const [{ mistakes }, { wrong, sure }] = both();
    const ordered = [...wrong].sort((a, b) => sure[b]! - sure[a]!);
    expect(mistakes.map(({ index }) => index)).toEqual(ordered.slice(0, 100));
    for (const { index, confidence } of mistakes) expect(confidence).toBeCloseTo(sure[index]!, DIGITS);
  });
});

describe('edges', () => {
  test('fewer than five classes: top-5 is everything', () => {
    const logits = torch.tensor([
      [2, 1],
      [2, 1],
    ]);
    const { accuracy, top5, perClass } = metricsOf(logits, torch.tensor([0, 1], { dtype: 'int64' }));
    expect([accuracy, top5, perClass]).toEqual([0.5, 1, [1, 0]]);
  });
  test('a class without test images counts 0 and makes no NaN', () => {
    const { perClass, loss } = metricsOf(torch.tensor([[5, 0, 0]]), torch.tensor([0], { dtype: 'int64' }));
    expect([perClass, Number.isFinite(loss)]).toEqual([[1, 0, 0], true]);
  });
  test('votes of zero for a class, as logarithms, are finite in everything but the loss', () => {
    const votes = torch.tensor([[3, 0]]).log();
    const { accuracy, ece } = metricsOf(votes, torch.tensor([0], { dtype: 'int64' }));
    expect([accuracy, ece]).toEqual([1, 0]);
  });
  test('calibration has 15 bins: confidence 0.05 i + 0.01 with every third right, by hand', () => {
    const confidence = Array.from({ length: 20 }, (_, i) => 0.05 * i + 0.01);
    const right = confidence.map((_, i) => i % 3 === 0);
    // Bins of a 15th: i falls into floor((0.05 i + 0.01) * 15) = floor(0.75 i + 0.15), that is 0, 0, 1, 2, 3, 3, 4, 5, ...
    const sums = new Map<number, number>();
    for (const [i, value] of confidence.entries()) {
      const bin = Math.floor((3 * i) / 4 + 0.15);
      sums.set(bin, (sums.get(bin) ?? 0) + (right[i] ? 1 : 0) - value);
    }
    const expected = [...sums.values()].reduce((sum, value) => sum + Math.abs(value), 0) / 20;
    expect(calibrationError(right, confidence)).toBeCloseTo(expected, 12);
  });
  test('calibration: sure of 0.8 and right in 3 of 5 is off by 0.2; always sure and right is off by nothing', () => {
    expect(calibrationError([true, true, true, false, false], [0.8, 0.8, 0.8, 0.8, 0.8])).toBeCloseTo(0.2, 12);
    expect(calibrationError([true, true], [1, 1])).toBe(0);
  });
});
