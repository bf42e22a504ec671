/** @file Planted twins among pictures of many kinds are found, and pictures that only resemble each other are not. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataSchema } from '../src/config/data.js';
import { parseConfig } from '../src/config/parse.js';
import { openImages } from '../src/data/open-images.js';
import { drawShape } from '../src/data/sources/shapes.js';
import { survey } from '../src/data/survey.js';
import { nearTwins } from '../src/data/twins/near-twins.js';
import { twoview } from './command-line.js';
import { temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const before = process.env.TWOVIEW_DATA;
beforeAll(async () => {
  process.env.TWOVIEW_DATA = join(root, 'cache');
  await torch.load();
});
afterAll(() => {
  if (before === undefined) delete process.env.TWOVIEW_DATA;
  else process.env.TWOVIEW_DATA = before;
  rmSync(root, { recursive: true });
});

const SIDE = 32;
/** Generated pictures of 32 pixels: class, colours, place, turn and clutter differ. */
const picture = (i: number): Uint8Array => drawShape('shapes', i % 10, i);
const asSharp = (planes: Uint8Array) => {
  const pixels = Buffer.alloc(planes.length);
  const area = SIDE * SIDE;
  for (let i = 0; i < area; i++) for (let c = 0; c < 3; c++) pixels[3 * i + c] = planes[c * area + i]!;
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } });
};
const planesOf = async (image: sharp.Sharp): Promise<Uint8Array> => {
  const pixels = await image.removeAlpha().toColourspace('srgb').raw().toBuffer();
  const area = SIDE * SIDE;
  return Uint8Array.from({ length: 3 * area }, (_, i) => pixels[3 * (i % area) + Math.floor(i / area)]!);
};
const again = async (image: sharp.Sharp) => sharp(await image.png().toBuffer());
const KINDS: Record<string, (planes: Uint8Array, i: number) => Promise<Uint8Array>> = {
  'a crop of 90 %': async (planes, i) => {
    const cut = { left: i % 4, top: (i >> 2) % 4, width: 29, height: 29 };
    return planesOf((await again(asSharp(planes).extract(cut))).resize(SIDE, SIDE));
  },
  'JPEG of quality 70': async (planes) => planesOf(sharp(await asSharp(planes).jpeg({ quality: 70 }).toBuffer())),
  'brightness + 10 %': (planes) => planesOf(asSharp(planes).linear(1.1, 0)),
  'brightness - 10 %': (planes) => planesOf(asSharp(planes).linear(0.9, 0)),
  'a mirror image': (planes) => planesOf(asSharp(planes).flop()),
};

test('recall and precision on planted twins are 95 % at least, for each kind', async () => {
  const [others, planted] = [1500, 100];
  const rows: Uint8Array[] = Array.from({ length: others }, (_, i) => picture(i));
  const partner = new Map<number, number>();
  const kinds = Object.entries(KINDS);
  for (const [k, [, change]] of kinds.entries()) {
    for (let j = 0; j < planted; j++) {
      const source = k * planted + j;
      partner.set(rows.length, source);
      rows.push(await change(rows[source]!, j));
    }
  }
  using images = torch.tensor(new Uint8Array(Buffer.concat(rows)), { dtype: 'uint8' }).reshape([-1, 3, SIDE, SIDE]);
  const found = await nearTwins([images.narrow(0, 0, 1000), images.narrow(0, 1000, rows.length - 1000)]);
  const right = found.filter(({ first, second }) => partner.get(second) === first);
  for (const [k, [name]] of kinds.entries()) {
    const from = others + k * planted;
    const recall = right.filter(({ second }) => second >= from && second < from + planted).length / planted;
    expect([name, recall >= 0.95], `${recall}`).toEqual([name, true]);
  }
  expect(right.length / found.length).toBeGreaterThanOrEqual(0.95);
  const mirrored = right.filter((twin) => twin.mirrored).map(({ second }) => second >= others + 4 * planted);
  expect(mirrored.filter(Boolean).length / mirrored.length).toBeGreaterThan(0.9);
});

test('pictures of different ships between one sky and one sea are no twins', async () => {
  const area = SIDE * SIDE;
  const scene = (ship: number): Uint8Array =>
    Uint8Array.from({ length: 3 * area }, (_, i) => {
      const [channel, y, x] = [Math.floor(i / area), Math.floor(i / SIDE) % SIDE, i % SIDE];
      const hull = y >= 14 && y < 17 && x >= 3 + 6 * ship && x < 8 + 6 * ship;
      if (hull) return [180, 50, 50][(channel + ship) % 3]!;
      return y < 16 ? [150, 190, 230][channel]! - 2 * y : [10, 60, 100][channel]! + y;
    });
  const scenes = [0, 1, 2].map(scene);
  using images = torch.tensor(new Uint8Array(Buffer.concat([...scenes, scenes[1]!])), { dtype: 'uint8' });
  const found = await nearTwins([images.reshape([-1, 3, SIDE, SIDE])]);
  expect(found.map(({ first, second, mirrored }) => [first, second, mirrored])).toEqual([[1, 3, false]]);
});

test('one image has no twin', async () => {
  using one = torch.zeros([1, 3, SIDE, SIDE], { dtype: 'uint8' });
  expect(await nearTwins([one])).toEqual([]);
});

test('twoview data counts twins within and between splits; --exclude duplicates leaves them out of the test split', async () => {
  const folder = join(root, 'set');
  const write = async (name: string, planes: Uint8Array) => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), await asSharp(planes).png().toBuffer());
  };
  for (let i = 0; i < 40; i++) await write(`train/${i % 2 === 0 ? 'a' : 'b'}/${i}.png`, picture(i));
  for (let i = 0; i < 10; i++) await write(`test/${i % 2 === 0 ? 'a' : 'b'}/${i}.png`, picture(100 + i));
  await write('test/a/copy.png', picture(4));
  await write('test/b/mirror.png', await KINDS['a mirror image']!(picture(5), 0));
  await write('train/a/again.png', picture(7));
  await write('train/a/flat.png', new Uint8Array(3 * SIDE * SIDE).fill(90));
  const found = await survey(parseConfig(dataSchema, { data: folder }));
  expect(found.parts.map(({ part, images }) => [part, images])).toEqual([
    ['train', 42],
    ['test', 12],
  ]);
  const named = found.twins!.map(({ a, b, exact, mirrored }) => [a.path, b.path, exact, mirrored]);
  expect(named.sort()).toEqual([
    ['train/a/4.png', 'test/a/copy.png', true, false],
    ['train/a/again.png', 'train/b/7.png', true, false],
    ['train/b/5.png', 'test/b/mirror.png', false, true],
  ]);
  expect([found.testTwins, found.plain.map(({ path }) => path)]).toEqual([2, ['train/a/flat.png']]);
  expect(found.warnings.join()).toMatch(/1 of 12 test images are training images too/);

  const whole = await openImages(folder);
  const without = await openImages(folder, { exclude: 'duplicates' });
  expect([whole.test!.count, without.test!.count, without.test!.paths!.includes('test/a/copy.png')]).toEqual([
    12,
    10,
    false,
  ]);
  expect(without.hash).not.toBe(whole.hash);
  expect(without.notes.join()).toContain('2 of 12 test images were left out');

  const page = join(root, 'page.html');
  const { status, stdout } = twoview(['data', folder, '--html', page], { TWOVIEW_DATA: process.env.TWOVIEW_DATA! });
  expect([status, stdout]).toEqual([
    0,
    expect.stringMatching(
      /all +42 +12[\s\S]*3 pairs show the same picture \(2 of them equal[\s\S]*2 test images have a twin/,
    ),
  ]);
  expect(readFileSync(page, 'utf8').match(/<img /g)!.length).toBe(7);
});
