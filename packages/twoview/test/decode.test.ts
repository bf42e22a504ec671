/** @file Pixels of every kind of image file against Pillow's, and three different errors for files that give none. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as torch from '@twoview/torch';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImageSet } from '../src/data/image-set.js';
import { openImages } from '../src/data/open-images.js';
import { decodeImage } from '../src/data/pictures/decode.js';
import { TwoviewError } from '../src/errors.js';
import { temporaryFolder } from './pictures.js';

const fixtures = fileURLToPath(new URL('./fixtures/decode/', import.meta.url));
const expected: Record<string, { cells: number[][][]; tolerance: number }> = JSON.parse(
  readFileSync(join(fixtures, 'expected.json'), 'utf8'),
).files;
const SIDE = 32;

const root = temporaryFolder();
const before = process.env.TWOVIEW_DATA;
let whole: ImageSet;
beforeAll(async () => {
  process.env.TWOVIEW_DATA = join(root, 'cache');
  await torch.load();
  const folder = join(root, 'fixtures');
  cpSync(fixtures, folder, { recursive: true });
  whole = await openImages(folder, { imageSize: SIDE });
});
afterAll(() => {
  if (before === undefined) delete process.env.TWOVIEW_DATA;
  else process.env.TWOVIEW_DATA = before;
  rmSync(root, { recursive: true });
});

let made = 0;
async function folderOf(files: Record<string, Buffer | Promise<Buffer>>): Promise<string> {
  const path = join(root, `made${made++}`);
  mkdirSync(path);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(path, name), await bytes);
  return path;
}
const refusal = async (folder: string, options = {}): Promise<TwoviewError> => {
  const error: unknown = await openImages(folder, { imageSize: SIDE, ...options }).catch((reason) => reason);
  if (error instanceof TwoviewError) return error;
  throw new Error(`not refused: ${error}`);
};
/** [C] values of one image at one place. */
const at = (set: ImageSet, index: number, y: number, x: number): number[] =>
  torch.scope(() => set.train.images.select(0, index).select(1, y).select(1, x).tolist());
const fixture = (name: string): Buffer => readFileSync(join(fixtures, name));

describe("colours of a grid of cells are Pillow's", () => {
  test.each(Object.keys(expected))('%s', (name) => {
    const { cells, tolerance } = expected[name]!;
    const index = whole.train.paths!.indexOf(name);
    const means: number[] = torch.scope(() =>
      whole.train.images
        .select(0, index)
        .to('float32')
        .reshape([3, 4, 8, 4, 8])
        .mean([2, 4])
        .permute([1, 2, 0])
        .flatten()
        .tolist(),
    );
    const worst = Math.max(...cells.flat(2).map((value, i) => Math.abs(value - means[i]!)));
    expect(worst).toBeLessThanOrEqual(tolerance + 1); // half a level of rounding on either side
  });
  test('no fixture is left out', () => {
    const files = readdirSync(fixtures).filter((name) => !name.endsWith('.json'));
    expect(Object.keys(expected).sort()).toEqual(files.sort());
    expect(files.length).toBeGreaterThan(45);
  });
  test('and what was done to them is said', () => {
    const notes = whole.notes.join('\n');
    expect(notes).toMatch(/6 images have transparent parts/);
    expect(notes).toMatch(/of 1 images with several frames/);
    expect(notes).toMatch(/2 images of more than 8 bits were scaled by the range that they declare/);
    expect(notes).toMatch(
      /4 images of more than 8 bits were scaled from 0 to 65535 and 0 to 1, the range that the set uses/,
    );
  });
});

describe('more than 8 bits', () => {
  const grey16 = (values: number[]) =>
    sharp(
      Uint16Array.from({ length: SIDE * SIDE }, (_, i) => values[i % values.length]!),
      {
        raw: { width: SIDE, height: SIDE, channels: 1 },
      },
    )
      .toColourspace('grey16')
      .png()
      .toBuffer();

  test('10 bits in a container of 16 use the range of the set, so that one dark image stays dark', async () => {
    const folder = await folderOf({ 'a.png': grey16([0, 1000]), 'b.png': grey16([0, 250]) });
    using set = await openImages(folder, { imageSize: SIDE });
    expect([at(set, 0, 0, 1), at(set, 1, 0, 1)]).toEqual([
      [249, 249, 249], // 1000 of 1023
      [62, 62, 62],
    ]);
    expect(set.notes.join()).toContain('0 to 1023');
  });
});

describe('the ground under transparent pixels', () => {
  const drawing = (red: number) => {
    const pixels = Buffer.alloc(SIDE * SIDE * 4);
    for (let i = 0; i < SIDE * SIDE; i++) pixels.set([red, red, red, i % SIDE < 8 ? 255 : 0], 4 * i);
    return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 4 } })
      .png()
      .toBuffer();
  };
  test('is white, or what --background says; a drawing that vanishes is counted', async () => {
    const folder = await folderOf({ 'black.png': drawing(0), 'white.png': drawing(255) });
    using onWhite = await openImages(folder, { imageSize: SIDE });
    expect([at(onWhite, 0, 3, 3), at(onWhite, 0, 3, 20)]).toEqual([
      [0, 0, 0],
      [255, 255, 255],
    ]);
    expect(onWhite.notes.join()).toContain('1 of them are now of one colour');
    using onSand = await openImages(folder, { imageSize: SIDE, background: 'ffe4b5' });
    expect(at(onSand, 1, 3, 20)).toEqual([255, 228, 181]);
    expect((await refusal(folder, { background: 'sand' })).code).toBe('CONFIG_INVALID');
  });
});

describe('files that give no pixels', () => {
  const cut = (bytes: Buffer, share: number) => bytes.subarray(0, Math.floor(bytes.length * share));
  test.each(Object.keys(expected).filter((name) => !/^(cmyk|turned|declared|profile|deep)/.test(name)))(
    '%s is damaged when it is cut',
    async (name) => {
      const bytes = fixture(name);
      for (const share of [0.1, 0.5, 0.9]) {
        const folder = await folderOf({
          'whole.png': fixture('plain.png'),
          [`x.${name.split('.')[1]}`]: cut(bytes, share),
        });
        const error = await refusal(folder);
        expect([share, error.code]).toEqual([share, 'DATA_CORRUPT']);
        using left = await openImages(folder, { imageSize: SIDE, skipCorrupt: true });
        expect([left.train.count, left.notes.join()]).toEqual([
          1,
          expect.stringContaining('1 damaged images were left out'),
        ]);
      }
    },
  );

  test('sound files of kinds that are not read are unsupported, and --skip-corrupt does not drop them', async () => {
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    const twelve = Buffer.from(fixture('plain.jpg'));
    const frame = twelve.indexOf(Buffer.from([0xff, 0xc0]));
    twelve[frame + 4] = 12;
    for (const [name, bytes, word] of [
      ['a.heic', heic, 'HEIC'],
      ['b.jpg', twelve, '12 bits'],
      ['c.png', Buffer.from('%PDF-1.7 ...'), 'PDF'],
      ['d.tif', Buffer.from('8BPS\0\x01'), 'Photoshop'],
    ] as const) {
      const folder = await folderOf({ 'whole.png': fixture('plain.png'), [name]: bytes });
      for (const skipCorrupt of [false, true]) {
        const error = await refusal(folder, { skipCorrupt });
        expect([error.code, error.message]).toEqual(['DATA_UNSUPPORTED', expect.stringContaining(word)]);
      }
    }
  });

  test('an image with more pixels than the limit is too large, with the limit', async () => {
    const bomb = Buffer.from(fixture('plain.png'));
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    bomb.writeInt32BE(crcOf(bomb.subarray(12, 29)), 29);
    const bmp = Buffer.from(fixture('plain.bmp'));
    bmp.writeInt32LE(2 ** 30, 18);
    for (const [name, bytes] of [
      ['a.png', bomb],
      ['b.bmp', bmp],
    ] as const) {
      const error = await refusal(await folderOf({ [name]: bytes }));
      expect([error.code, error.message]).toEqual([
        'DATA_TOO_LARGE',
        expect.stringMatching(/the limit for \w+ is \d+/),
      ]);
    }
  });

  test('the quick decoder hands over what it gives up on: CMYK below its limit of bytes', async () => {
    const { pixels } = await decodeImage(join(fixtures, 'cmyk.jpg'), { size: SIDE, ground: [255, 255, 255] });
    expect(new Set(pixels).size).toBeGreaterThan(100);
  });
});

/** CRC-32 as PNG has it. */
function crcOf(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc;
}
