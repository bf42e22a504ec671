/** @file Suspect labels against cleanlab, and left-out probabilities against fitting once for each image. */
import { readFileSync } from 'node:fs';
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { suspectLabels } from '../src/evaluate/exam/suspect-labels.js';
import { labelWeights } from '../src/evaluate/heads/class-shares.js';
import { leftOutProbabilities } from '../src/evaluate/heads/left-out.js';
import { ridgeHead } from '../src/evaluate/heads/ridge.js';
import { scaled, scaleOf } from '../src/evaluate/heads/scale.js';
import { farthest, solved } from './plain-algebra.js';
import { rowsOf } from './rows.js';

beforeAll(() => torch.load());

const fixture = JSON.parse(readFileSync(new URL('fixtures/suspects.json', import.meta.url), 'utf8'));
const matrix = (rows: number[][]) => torch.tensor(rows, { dtype: 'float64' });

describe('confident learning', () => {
  test("is cleanlab's: thresholds, confident joint, suspects and their order", () => {
    const { suspects, thresholds, joint } = suspectLabels(matrix(fixture.probabilities), fixture.labels);
    expect(farthest([thresholds as number[]], [fixture.thresholds])).toBeLessThan(1e-12);
    expect(joint).toEqual(fixture.joint);
    expect(suspects.map(({ index }) => index)).toEqual(fixture.ranked);
    expect(suspects.length).toBe(28);
  });

  test('a suspect has the suggested class, its probability, and the margin', () => {
    // Thresholds: 0.7 of class 0 (0.9, 0.8, 0.4), 0.75 of class 1 (0.7, 0.8).
    const rows = [
      [0.9, 0.1],
      [0.8, 0.2],
      [0.4, 0.6],
      [0.3, 0.7],
      [0.2, 0.8],
    ];
    expect(suspectLabels(matrix(rows), [0, 0, 0, 1, 1]).suspects).toEqual([]);
    rows[2] = [0.1, 0.9];
    const [one, ...others] = suspectLabels(matrix(rows), [0, 0, 0, 1, 1]).suspects;
    expect(others).toEqual([]);
    expect(one).toMatchObject({ index: 2, given: 0, suggested: 1, certainty: 0.9 });
    expect(one!.margin).toBeCloseTo(-0.8, 12);
  });

  test('of several classes that reach their threshold the most probable is suggested, though another is more probable still', () => {
    // Thresholds 0.29, 0.3 and 0.6; row 3 reaches the first two, and class 2 has more without reaching its own.
    const rows = [
      [0.28, 0.2, 0.52],
      [0.4, 0.3, 0.3],
      [0.2, 0.2, 0.6],
      [0.3, 0.32, 0.38],
    ];
    const { suspects, joint } = suspectLabels(matrix(rows), [0, 1, 2, 0]);
    expect(suspects.map(({ index }) => index)).toEqual([1, 3]);
    expect(suspects[1]).toMatchObject({ given: 0, suggested: 1, certainty: 0.32 });
    expect(suspects[1]!.margin).toBeCloseTo(0.3 - 0.38, 12);
    expect(joint).toEqual([
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 1],
    ]);
  });

  test('an image whose most probable class is the given one is no suspect, though it reaches the threshold of another alone', () => {
    // Thresholds: 0.7 of class 0 (0.9, 0.5), 0.4 of class 1.
    const rows = [
      [0.9, 0.1],
      [0.5, 0.5],
      [0.6, 0.4],
    ];
    const { suspects, joint } = suspectLabels(matrix(rows), [0, 0, 1]);
    expect(joint).toEqual([
      [1, 1],
      [0, 1],
    ]);
    expect(suspects).toEqual([]);
  });

  test('a class without labels is never suggested', () => {
    const { suspects, thresholds } = suspectLabels(
      matrix([
        [0.1, 0.2, 0.7],
        [0.2, 0.7, 0.1],
      ]),
      [0, 1],
    );
    expect(thresholds[2]).toBeNull();
    expect(suspects.every(({ suggested }) => suggested !== 2)).toBe(true);
  });

  test.each([
    [[0, 1, 2], /3 labels/],
    [[0, 2], /image 1 has class 2/],
    [[0, -1], /image 1 has class -1/],
  ])('labels %j of two images and two classes are refused: EXAM_INVALID', (labels, words) => {
    const call = () =>
      suspectLabels(
        matrix([
          [0.5, 0.5],
          [0.5, 0.5],
        ]),
        labels,
      );
    expect(call).toThrow(words);
    expect(call).toThrow(/EXAM_INVALID/);
  });
});

/** Three classes around points, of which a few labels are moved to the next class. */
function planted(n: number, d: number, wrong: number) {
  const generator = new torch.Generator(7);
  const truth = Array.from({ length: n }, (_, i) => i % 3);
  const centres = torch.randn([3, d], { generator }).mul(2);
  const features = centres
    .indexSelect(0, torch.tensor(truth, { dtype: 'int64' }))
    .add(torch.randn([n, d], { generator }));
  return { features, truth, labels: truth.map((one, i) => (i < wrong ? (one + 1) % 3 : one)) };
}

describe('left-out probabilities', () => {
  test.each([
    [30, 5],
    [20, 40],
  ])('%d images of %d numbers: those of a classifier fitted to the others, for each of them', (n, d) => {
    const { features, labels } = planted(n, d, 2);
    using scale = scaleOf(features);
    const tensorLabels = torch.tensor(labels, { dtype: 'int64' });
    using head = ridgeHead(features, tensorLabels, { numClasses: 3, scale });
    const { strength, temperature } = head.choice;
    const x = rowsOf(scaled(features, scale));
    const w = labelWeights(labels);
    const shares = [0, 1, 2].map((c) => labels.reduce((sum, one, i) => sum + (one === c ? w[i]! : 0), 0) / n);
    const expected = x.map((row, out) => {
      const kept = x.flatMap((other, i) => (i === out ? [] : [{ row: other, label: labels[i]!, w: w[i]! }]));
      const a = row.map((_, j) =>
        row.map(
          (__, k) =>
            kept.reduce((sum, one) => sum + one.w * one.row[j]! * one.row[k]!, 0) + (j === k ? strength * d : 0),
        ),
      );
      const b = row.map((_, j) =>
        shares.map((share, c) =>
          kept.reduce((sum, one) => sum + one.w * one.row[j]! * (Number(one.label === c) - share), 0),
        ),
      );
      const weight = solved(a, b);
      const scores = shares.map((share, c) =>
        Math.exp((share + row.reduce((sum, v, j) => sum + v * weight[j]![c]!, 0)) / temperature),
      );
      const total = scores.reduce((p, q) => p + q);
      return scores.map((score) => score / total);
    });
    // float64 from float32 numbers that both sides share.
    expect(
      farthest(rowsOf(leftOutProbabilities(features, tensorLabels, { numClasses: 3, scale })), expected),
    ).toBeLessThan(1e-8);
  });

  test('find planted label errors, which the probabilities of a classifier that has learned them hide', () => {
    const { features, labels } = planted(60, 40, 6);
    const given = torch.tensor(labels, { dtype: 'int64' });
    const { suspects } = suspectLabels(leftOutProbabilities(features, given, { numClasses: 3 }), labels);
    const found = suspects.filter(({ index }) => index < 6).length;
    expect(found).toBeGreaterThanOrEqual(5);
    expect(suspects.length - found).toBeLessThanOrEqual(3);
  });

  test('leave nothing behind, and refuse labels of one class: LABELS_MISSING', () => {
    const { features, labels } = planted(12, 3, 0);
    const given = torch.tensor(labels, { dtype: 'int64' });
    const before = torch.liveTensors();
    leftOutProbabilities(features, given, { numClasses: 3 }).dispose();
    expect(torch.liveTensors()).toBe(before);
    expect(() => leftOutProbabilities(features, torch.zeros([12], { dtype: 'int64' }), { numClasses: 3 })).toThrow(
      /LABELS_MISSING/,
    );
  });
});
