/** @file What is listed before decoding is what is opened after it. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labelList, partsOf } from '../src/data/image-set.js';
import { listImages, openImages } from '../src/index.js';
import { temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const folder = join(root, 'set');
beforeAll(async () => {
  for (const [path, red] of [
    ...Array.from({ length: 12 }, (_, i) => [`cat/${i}.png`, i * 20] as const),
    ...Array.from({ length: 7 }, (_, i) => [`dog/inner/${i}.png`, 255 - i * 20] as const),
  ]) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    const background = { r: red, g: 90, b: 30 };
    await sharp({ create: { width: 12, height: 12, channels: 3, background } })
      .png()
      .toFile(join(folder, path));
  }
  writeFileSync(
    join(root, 'table.csv'),
    'path,label,split\nset/cat/0.png,cat,train\nset/cat/1.png,,train\nset/dog/inner/2.png,dog,test\n',
  );
  symlinkSync(folder, join(root, 'link'));
});
afterAll(() => rmSync(root, { recursive: true }));

test.each(['set', 'table.csv', 'link'])('%s: names, parts and labels, in the same order', async (name) => {
  const source = join(root, name);
  const { images, classes, isTable } = (await listImages(source))!;
  using set = await openImages(source);
  const opened = partsOf(set).flatMap(({ part, split }) =>
    labelList(split).map((label, i) => ({ part, label, path: split.paths![i]! })),
  );
  expect(images.map(({ part, label, path }) => ({ part, label, path }))).toEqual(opened);
  expect([classes, isTable]).toEqual([set.classes, name === 'table.csv']);
  expect(images.every(({ real, path }) => real.endsWith(path.split('/').at(-1)!) && real.startsWith(folder))).toBe(
    true,
  );
});

test('what is no set of image files is not listed, and what is not there is an error', async () => {
  expect(await listImages('shapes')).toBeNull();
  await expect(listImages(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  await expect(listImages(join(root, 'nowhere.csv'))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
});
