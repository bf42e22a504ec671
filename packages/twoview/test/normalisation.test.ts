/** @file Mean and deviation of a set's pixels, and images scaled by them, against plain loops. */
import * as torch from '@twoview/torch';
import { beforeAll, expect, test } from 'vitest';
import { plainViews } from '../src/augment/views.js';
import { normalisationOf, parseNormalisation } from '../src/data/normalisation.js';

beforeAll(() => torch.load({ threads: 1 }));

const [N, S] = [7, 3];
const value = (n: number, c: number, i: number, j: number) => (31 * n + 67 * c + 13 * i + 5 * j * j) % 256;
const images = () => {
  const data: number[] = [];
  for (let n = 0; n < N; n++)
    for (let c = 0; c < 3; c++) for (let i = 0; i < S; i++) for (let j = 0; j < S; j++) data.push(value(n, c, i, j));
  return torch.tensor(data, { dtype: 'uint8' }).reshape([N, 3, S, S]);
};

test('mean and deviation of each channel, of whole pixels, to four digits', () => {
  torch.scope(() => {
    const split = { images: images(), labels: torch.zeros([N], { dtype: 'int64' }), count: N, paths: null };
    const { mean, std } = normalisationOf(split);
    for (let c = 0; c < 3; c++) {
      const all: number[] = [];
      for (let n = 0; n < N; n++)
        for (let i = 0; i < S; i++) for (let j = 0; j < S; j++) all.push(value(n, c, i, j) / 255);
      const average = all.reduce((sum, x) => sum + x, 0) / all.length;
      const squares = all.reduce((sum, x) => sum + (x - average) ** 2, 0);
      expect(mean[c]).toBeCloseTo(average, 4);
      // The sample's deviation or that of all: with 63 pixels they differ by less than a hundredth.
      expect(Math.abs(std[c]! - Math.sqrt(squares / all.length))).toBeLessThan(0.01 * std[c]!);
    }
  });
});

test('plain views are (x / 255 - mean) / std of each channel, and nothing else', () => {
  torch.scope(() => {
    const normalisation = { mean: [0.1, 0.5, 0.9], std: [0.2, 0.25, 0.5] };
    const views = plainViews(images(), normalisation);
    expect([...views.shape, views.dtype]).toEqual([N, 3, S, S, 'float32']);
    for (let n = 0; n < N; n++)
      for (let c = 0; c < 3; c++)
        for (let i = 0; i < S; i++)
          for (let j = 0; j < S; j++) {
            const wanted = (value(n, c, i, j) / 255 - normalisation.mean[c]!) / normalisation.std[c]!;
            expect(views.index(n, c, i, j).item()).toBeCloseTo(wanted, 5);
          }
  });
});

test.each(['', '{}', '{"mean":[1,2],"std":[1,1,1]}', '{"mean":[1,2,null],"std":[1,1,1]}'])('%j is refused', (text) => {
  expect(() => parseNormalisation(text, 'weights')).toThrow(expect.objectContaining({ code: 'WEIGHTS_CORRUPT' }));
});
