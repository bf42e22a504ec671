/** @file Pictures of results are the images themselves. */
import * as torch from '@twoview/torch';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { thumbnails } from '../src/evaluate/thumbnails.js';

beforeAll(() => torch.load());

const pixelsOf = (uri: string) =>
  sharp(Buffer.from(uri.replace('data:image/png;base64,', ''), 'base64'))
    .raw()
    .toBuffer({ resolveWithObject: true });

test('small images keep every pixel', async () => {
  const images = torch.randint(0, 256, [3, 3, 5, 7], { generator: new torch.Generator(1), dtype: 'uint8' });
  const uris = await thumbnails(images);
  expect(uris.length).toBe(3);
  for (const [i, uri] of uris.entries()) {
    const { data, info } = await pixelsOf(uri);
    expect([info.width, info.height, info.channels]).toEqual([7, 5, 3]);
    for (let y = 0; y < 5; y++)
      for (let x = 0; x < 7; x++)
        for (let c = 0; c < 3; c++) {
          const value = images.select(0, i).select(0, c).select(0, y).select(0, x).item();
          expect(data[(y * 7 + x) * 3 + c]).toBe(value);
        }
  }
});

test('large ones are made smaller', async () => {
  const [uri] = await thumbnails(torch.full([1, 3, 200, 200], 77, { dtype: 'uint8' }));
  const { data, info } = await pixelsOf(uri!);
  expect([info.width, info.height]).toEqual([64, 64]);
  expect(new Set(data)).toEqual(new Set([77]));
});

test('no images, no pictures', async () => {
  expect(await thumbnails(torch.zeros([0, 3, 8, 8], { dtype: 'uint8' }))).toEqual([]);
});
