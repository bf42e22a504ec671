/** @file Every source of images becomes the same kind of set; wrong ones say what is wrong and leave nothing behind. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openImages } from '../src/data/open-images.js';
import { TwoviewError } from '../src/errors.js';
import { classFolders, picture, temporaryFolder } from './pictures.js';

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

async function refusal(source: string, options = {}): Promise<TwoviewError> {
  const error: unknown = await openImages(source, options).catch((reason) => reason);
  if (!(error instanceof TwoviewError)) throw new Error(`not refused: ${source} ${error}`);
  return error;
}

/** n records of the binary layout: label n % 10, every byte n. */
const binaryBatch = (count: number) =>
  Buffer.concat(Array.from({ length: count }, (_, i) => Buffer.alloc(3073, i % 256).fill(i % 10, 0, 1)));

describe('sources', () => {
  test('folders with train/ and test/: classes by name, pixels as they are, opened again from the store', async () => {
    const folder = join(root, 'split');
    await classFolders(join(folder, 'train'), ['cat', 'dog'], 6);
    await classFolders(join(folder, 'test'), ['cat', 'dog'], 2);
    const set = await openImages(folder);
    expect([set.classes, set.imageSize, set.train.count, set.test?.count]).toEqual([['cat', 'dog'], 16, 12, 4]);
    expect(set.train.labels.tolist()).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
    const topRow = set.train.images.select(0, 7).select(1, 0);
    expect([topRow.select(0, 0).tolist()[0], topRow.select(0, 1).tolist().slice(0, 3)]).toEqual([41, [0, 7, 14]]);
    expect((await openImages(folder)).hash).toBe(set.hash);
    expect(readdirSync(join(root, 'cache', 'stores')).filter((name) => name.includes('partial'))).toEqual([]);
  });

  test('folders without a test part: a fifth of each class is set aside, and a note says so', async () => {
    const set = await openImages(await classFolders(join(root, 'whole'), ['a', 'b'], 10));
    expect([set.train.count, set.test?.count]).toEqual([16, 4]);
    expect(set.notes.join()).toContain('set aside');
  });

  test('a flat folder has no classes', async () => {
    const folder = join(root, 'flat');
    mkdirSync(folder);
    for (let i = 0; i < 5; i++) writeFileSync(join(folder, `${i}.png`), await picture(16, i));
    const set = await openImages(folder);
    expect([set.classes, set.train.count, set.train.labels.tolist()]).toEqual([[], 5, [-1, -1, -1, -1, -1]]);
  });

  test('a CSV of path,label, paths beside the file', async () => {
    await classFolders(join(root, 'table'), ['x', 'y'], 5);
    const rows = ['x', 'y'].flatMap((name) => [0, 1, 2, 3, 4].map((i) => `${name}/${i}.png,${name}`));
    writeFileSync(join(root, 'table', 'list.csv'), `path,label\n${rows.join('\n')}\n`);
    const set = await openImages(join(root, 'table', 'list.csv'));
    expect([set.classes, set.train.count + set.test!.count]).toEqual([['x', 'y'], 10]);
  });

  test('CIFAR in the binary layout', async () => {
    const folder = join(root, 'binary');
    mkdirSync(folder);
    for (let i = 1; i <= 5; i++) writeFileSync(join(folder, `data_batch_${i}.bin`), binaryBatch(20));
    writeFileSync(join(folder, 'test_batch.bin'), binaryBatch(10));
    writeFileSync(
      join(folder, 'batches.meta.txt'),
      `${'airplane automobile bird cat deer dog frog horse ship truck'.split(' ').join('\n')}\n`,
    );
    const set = await openImages(folder);
    expect([set.train.count, set.test?.count, set.classes[3]]).toEqual([100, 10, 'cat']);
    expect(new Set(set.train.images.select(0, 23).flatten().tolist())).toEqual(new Set([3]));
    expect(set.train.labels.tolist().slice(20, 24)).toEqual([0, 1, 2, 3]);
  });

  test('CIFAR in the Python layout, as pickled by Python 2 and by Python 3', async () => {
    const fixtures = new URL('./fixtures/cifar-python/', import.meta.url).pathname;
    const set = await openImages(fixtures);
    const expected = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8'));
    expect(set.classes).toEqual(expected.classes);
    // No batch is for testing here, so a fifth of each class was set aside: whatever the order, each image keeps its label.
    const pairs = [set.train, set.test!].flatMap(({ images, labels }) => {
      const sums = images.to('int64').sum([1, 2, 3]).tolist();
      return labels.tolist().map((label: number, i: number) => `${sums[i]} ${label}`);
    });
    expect(pairs.sort()).toEqual(
      expected.labels.map((label: number, i: number) => `${expected.sums[i]} ${label}`).sort(),
    );
    expect(set.notes.join()).toContain('batches that are not there');
  });

  test('a safetensors file of images, channels first or last', async () => {
    const images = torch
      .arange(0, 10 * 3 * 64, { dtype: 'float32' })
      .remainder(251)
      .to('uint8')
      .reshape([10, 3, 8, 8]);
    const labels = torch.arange(0, 10, { dtype: 'int64' }).remainder(2);
    torch.safetensors.save(join(root, 'first.safetensors'), { images, labels }, { classes: '["even","odd"]' });
    torch.safetensors.save(join(root, 'last.safetensors'), {
      images: images.permute([0, 2, 3, 1]).contiguous(),
      labels,
    });
    const first = await openImages(join(root, 'first.safetensors'));
    const last = await openImages(join(root, 'last.safetensors'));
    expect([first.classes, first.imageSize, first.train.count, first.test?.count]).toEqual([['even', 'odd'], 8, 8, 2]);
    expect(last.train.images.equal(first.train.images)).toBe(true);
  });

  test('shapes are the same pictures on every machine', async () => {
    const { drawShape } = await import('../src/data/sources/shapes.js');
    const { createHash } = await import('node:crypto');
    const hash = createHash('sha256');
    for (let i = 0; i < 40; i++) hash.update(drawShape(i < 20 ? 'shapes' : 'shapes-source', i % 10, i));
    expect(hash.digest('hex').slice(0, 16)).toBe('be249c4f22b38222');
  });
});

describe('wrong sources', () => {
  test('no such folder: the closest name, and what else can be given', async () => {
    const error = await refusal('shape');
    expect([error.code, error.message.includes('did you mean shapes?')]).toEqual(['DATA_NOT_FOUND', true]);
    expect((await refusal(join(root, 'nowhere'))).code).toBe('DATA_NOT_FOUND');
  });

  test.each([
    ['shapes', 'shapes', 32],
    ['CIFAR batches', new URL('./fixtures/cifar-python/', import.meta.url).pathname, 32],
    ['a safetensors file', 'eight.safetensors', 8],
  ])('a size that %s do not have is refused, their own is not', async (_, source, size) => {
    const images = torch.zeros([10, 3, 8, 8], { dtype: 'uint8' });
    torch.safetensors.save(join(root, 'eight.safetensors'), { images });
    const data = source.endsWith('.safetensors') ? join(root, source) : source;
    const error = await refusal(data, { imageSize: 64 });
    expect([error.code, error.message.includes(`--image-size ${size}`)]).toEqual(['CONFIG_INVALID', true]);
    expect((await openImages(data, { imageSize: size })).imageSize).toBe(size);
  });

  test('an empty folder, a folder of other files, a class without images', async () => {
    mkdirSync(join(root, 'empty'));
    expect((await refusal(join(root, 'empty'))).code).toBe('DATA_EMPTY');
    mkdirSync(join(root, 'texts'));
    writeFileSync(join(root, 'texts', 'a.txt'), 'a');
    expect((await refusal(join(root, 'texts'))).message).toContain('only 1 other files');
    await classFolders(join(root, 'hole'), ['a', 'b'], 3);
    mkdirSync(join(root, 'hole', 'c'));
    const error = await refusal(join(root, 'hole'));
    expect([error.code, error.message.includes(join(root, 'hole', 'c'))]).toEqual(['DATA_EMPTY', true]);
  });

  test('damaged images are named; --skip-corrupt goes on and counts them', async () => {
    const folder = await classFolders(join(root, 'damaged'), ['a', 'b'], 10);
    truncateSync(join(folder, 'a', '3.png'), 60);
    writeFileSync(join(folder, 'b', '4.png'), 'this is no picture');
    const error = await refusal(folder);
    expect(error.code).toBe('DATA_CORRUPT');
    expect(error.message).toContain('2 of 20 images could not be read');
    expect(error.message).toContain(join(folder, 'a', '3.png'));
    const set = await openImages(folder, { skipCorrupt: true });
    expect(set.train.count + set.test!.count).toBe(18);
    expect(set.notes.join()).toContain('2 damaged images were left out');
    const paths = [...set.train.paths!, ...set.test!.paths!].sort();
    expect(paths).toHaveLength(18);
    expect(paths).not.toContain(join('a', '3.png'));
    expect(await openImages(folder, { skipCorrupt: true })).toMatchObject({ train: { paths: set.train.paths } });
  });

  test('each image has the path of its file, from the folder or the table, in the order of the images', async () => {
    const folder = join(root, 'named');
    mkdirSync(join(folder, 'deep, "er"'), { recursive: true });
    const reds = [10, 60, 110, 160, 210];
    const nameOf = (red: number) => join('deep, "er"', `${red}.png`);
    for (const red of reds) writeFileSync(join(folder, nameOf(red)), await picture(32, red));
    const { train } = await openImages(folder);
    const found = train.images.select(1, 0).select(1, 0).select(1, 0).tolist() as number[];
    expect(train.paths).toEqual(found.map(nameOf));

    const table = join(root, 'named.csv');
    writeFileSync(table, reds.map((red) => `"named/deep, ""er""/${red}.png",x`).join('\n'));
    const listed = await openImages(table);
    const named = [...listed.train.paths!, ...listed.test!.paths!].sort();
    expect(named).toEqual(reds.map((red) => join('named', nameOf(red))).sort());
    expect((await openImages('shapes')).train.paths).toBe(null);
  });

  test('a truncated JPEG is damaged, too', async () => {
    const folder = join(root, 'jpeg');
    mkdirSync(folder);
    for (let i = 0; i < 4; i++) writeFileSync(join(folder, `${i}.jpg`), await picture(32, i * 20, 'jpeg'));
    truncateSync(join(folder, '2.jpg'), 200);
    const error = await refusal(folder);
    expect([error.code, error.message.includes('2.jpg')]).toEqual(['DATA_CORRUPT', true]);
  });

  test('a truncated CIFAR batch', async () => {
    const folder = join(root, 'cut');
    mkdirSync(folder);
    writeFileSync(join(folder, 'data_batch_1.bin'), binaryBatch(5).subarray(0, 10_000));
    const error = await refusal(folder);
    expect([error.code, error.message.includes('data_batch_1.bin')]).toEqual(['DATA_CORRUPT', true]);
    const python = join(root, 'cut-python');
    mkdirSync(python);
    const whole = readFileSync(new URL('./fixtures/cifar-python/data_batch_1', import.meta.url));
    writeFileSync(join(python, 'data_batch_1'), whole.subarray(0, whole.length / 2));
    expect((await refusal(python)).code).toBe('DATA_CORRUPT');
  });

  test('CSV rows that point nowhere are named with their lines', async () => {
    writeFileSync(join(root, 'lost.csv'), 'path,label\nsplit/train/cat/0.png,cat\nnowhere/7.png,dog\n');
    const error = await refusal(join(root, 'lost.csv'));
    expect(error.code).toBe('DATA_NOT_FOUND');
    expect(error.message).toContain('nowhere/7.png');
    expect(error.message).toContain('lost.csv:3');
  });

  test('a safetensors file with other tensors, and a cut one', async () => {
    torch.safetensors.save(join(root, 'other.safetensors'), { weight: torch.zeros([3]) });
    expect((await refusal(join(root, 'other.safetensors'))).message).toContain('it holds weight');
    writeFileSync(join(root, 'short.safetensors'), readFileSync(join(root, 'first.safetensors')).subarray(0, 500));
    await expect(openImages(join(root, 'short.safetensors'))).rejects.toMatchObject({ code: 'SAFETENSORS_CORRUPT' });
  });

  test('nothing half made is left in the cache', () => {
    const stores = join(root, 'cache', 'stores');
    expect(existsSync(stores)).toBe(true);
    expect(
      readdirSync(stores).filter((name) => !/\.(safetensors|size|identity)$/.test(name) && !name.endsWith('.lock')),
    ).toEqual([]);
  });
});
