/** @file Images of one colour and blurred ones: sharpness by its definition in loops, and real blur found among sharp pictures. */
import * as torch from '@twoview/torch';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import type { Split } from '../src/data/image-set.js';
import { sharpnessOf, spoiltIn } from '../src/data/spoilt.js';

const SIDE = 32;
beforeAll(() => torch.load({ threads: 1 }));

test('sharpness is the variance of the Laplacian of the gray image over that of the gray image and one', () => {
  const x = torch.rand([2, 3, 5, 6], { generator: new torch.Generator(1) }).mul(255);
  const at = (n: number, c: number, i: number, j: number) =>
    x.select(0, n).select(0, c).select(0, i).select(0, j).item() as number;
  const gray = (n: number, i: number, j: number) =>
    0.299 * at(n, 0, i, j) + 0.587 * at(n, 1, i, j) + 0.114 * at(n, 2, i, j);
  const square = x.narrow(3, 0, 5); // [2, 3, 5, 5]
  const variance = (values: readonly number[]) => {
    const mean = values.reduce((a, b) => a + b) / values.length;
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  };
  const expected = [0, 1].map((n) => {
    const values: number[] = [];
    const levels = Array.from({ length: 25 }, (_, at) => gray(n, Math.floor(at / 5), at % 5));
    for (let i = 1; i < 4; i++) {
      for (let j = 1; j < 4; j++) {
        const around = gray(n, i - 1, j) + gray(n, i + 1, j) + gray(n, i, j - 1) + gray(n, i, j + 1);
        values.push(around - 4 * gray(n, i, j));
      }
    }
    return variance(values) / (variance(levels) + 1);
  });
  const found = sharpnessOf(square).tolist() as number[];
  for (const [i, value] of found.entries()) expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(1e-4);
});

/** Rectangles of random colours at random places, blurred by a Gaussian of this deviation. */
async function picture(seed: number, blur: number): Promise<Buffer> {
  let state = seed + 1;
  const random = (most: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % most;
  };
  const pixels = Buffer.alloc(SIDE * SIDE * 3, 90);
  for (let r = 0; r < 12; r++) {
    const [left, top, width, height] = [random(24), random(24), 3 + random(8), 3 + random(8)];
    const colour = [random(256), random(256), random(256)];
    for (let y = top; y < Math.min(SIDE, top + height); y++)
      for (let x = left; x < Math.min(SIDE, left + width); x++) pixels.set(colour, 3 * (SIDE * y + x));
  }
  const image = sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } });
  return await (blur > 0 ? image.blur(blur) : image).raw().toBuffer();
}

async function split(blurs: readonly number[]): Promise<Split> {
  const rows = await Promise.all(
    blurs.map((blur, i) => (blur < 0 ? Buffer.alloc(SIDE * SIDE * 3, 7) : picture(i, blur))),
  );
  const flat = torch.tensor(Uint8Array.from(rows.flatMap((row) => [...row])), { dtype: 'uint8' });
  const images = flat.reshape([blurs.length, SIDE, SIDE, 3]).permute([0, 3, 1, 2]).contiguous();
  return { images, labels: torch.zeros([blurs.length], { dtype: 'int64' }), count: blurs.length, paths: null } as Split;
}

test('among sharp pictures the blurred ones are found, one of a single colour is not called blurred', async () => {
  const blurs = Array.from({ length: 60 }, (_, i) => (i === 7 || i === 40 ? 3 : i === 12 ? -1 : 0));
  expect(spoiltIn(await split(blurs))).toEqual({ plain: [12], blurred: [7, 40] });
});

test('a picture of little contrast is not blurred', async () => {
  const pictures = await split(Array.from({ length: 40 }, (_, i) => (i === 3 ? 3 : 0)));
  using dull = torch.scope(() => {
    const pale = pictures.images.narrow(0, 20, 20).to('float32').mul(0.15).add(100).to('uint8');
    return torch.cat([pictures.images.narrow(0, 0, 20), pale]);
  });
  expect(spoiltIn({ ...pictures, images: dull })).toEqual({ plain: [], blurred: [3] });
});

test('where all are soft, or too few to compare, none is called blurred', async () => {
  expect(spoiltIn(await split(Array(30).fill(3))).blurred).toEqual([]);
  expect(spoiltIn(await split([0, 0, 0, 0, 3])).blurred).toEqual([]);
});
