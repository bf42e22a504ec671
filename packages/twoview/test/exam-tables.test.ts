/** @file What is told of an exam beside its accuracy: classes, confusion, calibration, warnings; and how it is drawn. */
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { calibrationBins, confusion, drawExam, type ExamFacts, examWarnings, perClass, wilson } from '../src/index.js';

beforeAll(() => torch.load());

const truth = [0, 0, 0, 1, 1, 3];
const predicted = [0, 1, 0, 1, 0, 3];

test('a class has its recall and its precision, each with an interval; one without images has nothing', () => {
  const rows = perClass(truth, predicted, 4);
  expect(rows[0]).toEqual({ found: wilson(2, 3), named: wilson(2, 3) });
  expect(rows[1]).toEqual({ found: wilson(1, 2), named: wilson(1, 2) });
  expect(rows[2]).toEqual({ found: wilson(0, 0), named: wilson(0, 0) });
  expect(rows[3]).toEqual({ found: wilson(1, 1), named: wilson(1, 1) });
});

test('confusion has the images of each cell, and each image once', () => {
  const cells = confusion(truth, predicted, 4);
  expect(cells).toEqual([
    { truth: 0, predicted: 0, images: [0, 2] },
    { truth: 0, predicted: 1, images: [1] },
    { truth: 1, predicted: 0, images: [4] },
    { truth: 1, predicted: 1, images: [3] },
    { truth: 3, predicted: 3, images: [5] },
  ]);
});

test.each([
  [[0, 1], [0], /2 values of one and 1/],
  [[0, 4], [0, 1], /class 4/],
  [[0, 1], [-1, 1], /class -1/],
])('truth %j and prediction %j are refused: EXAM_INVALID', (a, b, words) => {
  for (const call of [() => perClass(a, b, 4), () => confusion(a, b, 4)]) {
    expect(call).toThrow(words);
    expect(call).toThrow(/EXAM_INVALID/);
  }
});

describe('calibration', () => {
  test('a bin has its images, their mean certainty and their accuracy; its lower border belongs to it, and 1 to the last', () => {
    const bins = calibrationBins([0, 1, 1, 1, 0], [0.1, 0.5, 0.7, 1, 0.74], { bins: 4 });
    expect(bins.map(({ from, to }) => [from, to])).toEqual([
      [0, 0.25],
      [0.25, 0.5],
      [0.5, 0.75],
      [0.75, 1],
    ]);
    expect(bins[0]).toMatchObject({ certainty: 0.1, ...wilson(0, 1) });
    expect(bins[1]).toMatchObject({ certainty: null, n: 0 });
    expect(bins[2]).toMatchObject(wilson(2, 3));
    expect(bins[2]!.certainty).toBeCloseTo((0.5 + 0.7 + 0.74) / 3, 12);
    expect(bins[3]).toMatchObject({ certainty: 1, ...wilson(1, 1) });
  });
  test.each([
    [[1, 0], [0.5], 4, /values of one/],
    [[1], [1.2], 4, /value 0 is 1.2/],
    [[1], [0.5], 0, /0 bins/],
  ] as const)('%j, %j, %d bins are refused', (right, certainty, bins, words) => {
    expect(() => calibrationBins(right, certainty, { bins })).toThrow(words);
  });
});

describe('drawing an exam', () => {
  test('takes different images, none that is excluded, the same for one seed, and other ones for another', () => {
    const exam = drawExam(1000, 400, 3, [5, 6, 7]);
    expect(new Set(exam).size).toBe(400);
    expect(exam.every((i) => i >= 0 && i < 1000 && ![5, 6, 7].includes(i))).toBe(true);
    expect(drawExam(1000, 400, 3, [5, 6, 7])).toEqual(exam);
    expect(drawExam(1000, 400, 4, [5, 6, 7])).not.toEqual(exam);
  });
  test('a larger one begins with a smaller one', () => {
    expect(drawExam(1000, 400, 3).slice(0, 100)).toEqual(drawExam(1000, 100, 3));
  });
  test('each image is as likely as another, at each place', () => {
    const counts = new Array<number>(20).fill(0);
    const firsts = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 2000; seed++) {
      const exam = drawExam(20, 5, seed);
      firsts[exam[0]!]!++;
      for (const i of exam) counts[i]!++;
    }
    // Binomial: 500 ± 19.4 and 100 ± 9.7; five standard deviations for the farthest of 40.
    expect(Math.max(...counts.map((one) => Math.abs(one - 500)))).toBeLessThan(97);
    expect(Math.max(...firsts.map((one) => Math.abs(one - 100)))).toBeLessThan(49);
  });
  test.each([0, 1.5, 9])('%d of 10 images, two of them excluded, are refused: EXAM_INVALID', (size) => {
    expect(() => drawExam(10, size, 0, [1, 2])).toThrow(
      /cannot be drawn from 8, 2 of 10 being excluded[\s\S]*EXAM_INVALID/,
    );
  });
});

describe('warnings', () => {
  const images = Array.from({ length: 100 }, (_, i) => i);
  const sound: ExamFacts = {
    ...{ images, truth: images.map((i) => i % 2), classes: ['cat', 'dog'] },
    ...{
      random: true,
      trained: [200, 201, 202],
      choseBy: [203],
      twins: [
        [200, 300],
        [0, 1],
      ],
      digests: digestsOf(400),
    },
  };
  /** Each image has pixels of its own, but for pairs that are named. */
  function digestsOf(count: number, equal: [number, number][] = []): Buffer {
    const all = Buffer.alloc(16 * count);
    for (let i = 0; i < count; i++) all.writeUInt32LE(i, 16 * i + 12);
    for (const [a, b] of equal) all.copy(all, 16 * a, 16 * b, 16 * (b + 1));
    return all;
  }
  const codes = (facts: Partial<ExamFacts>) => examWarnings({ ...sound, ...facts }).map(({ code }) => code);
  const texts = (facts: Partial<ExamFacts>) => examWarnings({ ...sound, ...facts }).map(({ text }) => text);

  test('a sound exam has none; twins inside the exam or among others are none of its business', () => {
    expect(examWarnings(sound)).toEqual([]);
  });
  test('exam images that were trained on, counted once and not as twins of themselves', () => {
    expect(codes({ trained: [3, 4, 200], twins: [[3, 4]] })).toEqual(['EXAM_TRAINED']);
    expect(texts({ trained: [3, 4, 200], twins: [] })[0]).toMatch(/^2 of 100 exam images were trained on/);
  });
  test('exam images that chose something', () => {
    expect(codes({ choseBy: [9] })).toEqual(['EXAM_CHOSEN']);
  });
  test('twins of exam images among those that were trained on: by pairs, by equal pixels, each image once', () => {
    expect(
      texts({
        twins: [
          [200, 5],
          [5, 201],
        ],
      })[0],
    ).toMatch(/^1 of 100 exam images show the same picture/);
    expect(codes({ digests: digestsOf(400, [[7, 202]]) })).toEqual(['EXAM_TWINS']);
    expect(
      texts({
        twins: [[5, 200]],
        digests: digestsOf(400, [
          [7, 202],
          [5, 201],
        ]),
      })[0],
    ).toMatch(/^2 of 100/);
  });
  test('an exam that is not random', () => {
    expect(codes({ random: false })).toEqual(['EXAM_NOT_RANDOM']);
  });
  test('classes without an exam image, by name', () => {
    expect(texts({ classes: ['cat', 'dog', 'owl'] })).toEqual(['1 of 3 classes have no exam image: owl']);
  });
  test('classes of very different size, from ten times on', () => {
    expect(codes({ truth: images.map((i) => Number(i < 10)) })).toEqual([]);
    expect(texts({ truth: images.map((i) => Number(i < 9)) })).toEqual([
      'classes differ in size: 91 exam images of cat, 9 of dog; whoever always says cat has 91 %, so look at the classes one by one',
    ]);
  });
  test('few images, with how wide the interval can be', () => {
    const half = (n: number) => wilson(n / 2, n);
    const width = Math.round(100 * (half(50).high - half(50).low));
    expect(texts({ images: images.slice(0, 50), truth: sound.truth.slice(0, 50) })[0]).toContain(`${width} points`);
    expect(codes({ images: [], truth: [] })).toEqual(['EXAM_CLASS_MISSING', 'EXAM_SMALL']);
  });
  test('several at once, the worst first', () => {
    expect(codes({ trained: [0], choseBy: [0], twins: [[1, 0]], random: false })).toEqual([
      ...['EXAM_TRAINED', 'EXAM_CHOSEN', 'EXAM_TWINS', 'EXAM_NOT_RANDOM'],
    ]);
  });
  test('answers of another number than images are refused: EXAM_INVALID', () => {
    expect(() => examWarnings({ ...sound, truth: [0] })).toThrow(/100 values of one and 1[\s\S]*EXAM_INVALID/);
  });
});
