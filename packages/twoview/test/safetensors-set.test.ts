/** @file Images in a safetensors file: labels of any integers, class names that fit, a test split of each class, one identity. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openImages } from '../src/data/open-images.js';
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

let made = 0;
/** Image i of a part is all i. */
const imagesOf = (count: number) =>
  torch.arange(0, count, { dtype: 'int64' }).to('uint8').reshape([-1, 1, 1, 1]).expand([count, 3, 4, 4]).contiguous();
function save(tensors: Record<string, torch.Tensor>, metadata: Record<string, string> = {}): string {
  const path = join(root, `${made++}.safetensors`);
  torch.safetensors.save(path, tensors, metadata);
  return path;
}
const labelled = (labels: number[], metadata = {}) =>
  save({ images: imagesOf(labels.length), labels: torch.tensor(labels, { dtype: 'int64' }) }, metadata);
const codeOf = (path: string) =>
  openImages(path).then(
    () => 'taken',
    (error) => [error.code, error.message],
  );

test.each([
  ['1 to 3', [1, 2, 3], ['1', '2', '3']],
  ['negative ones and one near a million', [-7, 999_999], ['-7', '999999']],
  ['0 and 1', [0, 1], ['class 0', 'class 1']],
])('labels of %s', async (_, kinds, names) => {
  const labels = Array.from({ length: 20 * kinds.length }, (_, i) => kinds[i % kinds.length]!);
  using set = await openImages(labelled(labels));
  expect([set.classes, set.train.count, set.test!.count]).toEqual([names, 16 * kinds.length, 4 * kinds.length]);
  const images = set.train.images.select(1, 0).select(1, 0).select(1, 0).tolist() as number[];
  expect(set.train.labels.tolist()).toEqual(images.map((i) => i % kinds.length)); // each image kept its own label
});

test('labels beyond 2^53, mixed with small ones', async () => {
  const huge = [5n, 2n ** 60n, -(2n ** 61n), 2n ** 60n + 1n];
  const labels = torch.tensor(BigInt64Array.from({ length: 80 }, (_, i) => huge[i % 4]!));
  using set = await openImages(save({ images: imagesOf(80), labels }));
  expect(set.classes).toEqual(['-2305843009213693952', '5', '1152921504606846976', '1152921504606846977']);
  expect(new Set(set.train.labels.tolist())).toEqual(new Set([0, 1, 2, 3]));
});

test('the test split has a fifth of each class, however they are sorted', async () => {
  const labels = Array.from({ length: 100 }, (_, i) => (i < 80 ? 0 : 1));
  using set = await openImages(labelled(labels));
  const tested = set.test!.labels.tolist() as number[];
  expect([tested.filter((label) => label === 0).length, tested.filter((label) => label === 1).length]).toEqual([16, 4]);
});

test('parts by their words, validation among them; unknown words are refused', async () => {
  const part = (word: string, count: number) => ({
    [`${word}.images`]: imagesOf(count),
    [`${word}.labels`]: torch.arange(0, count, { dtype: 'int64' }).remainder(2),
  });
  using set = await openImages(save({ ...part('Training', 8), ...part('dev', 4), ...part('test', 6) }));
  expect([set.train.count, set.val!.count, set.test!.count]).toEqual([8, 4, 6]);
  expect(await codeOf(save({ ...part('train', 8), ...part('extra', 4) }))).toEqual([
    'DATA_CORRUPT',
    expect.stringContaining('"extra" names no split'),
  ]);
});

test.each([
  ['no JSON', 'a,b', /no JSON list/],
  ['no list', '{"a": 1}', /no JSON list/],
  ['names that occur twice', '["a", "a"]', /different names/],
  ['fewer names than labels', '["a"]', /labels go from 0 to 1/],
])('classes in the metadata: %s', async (_, classes, text) => {
  expect(await codeOf(labelled([0, 1, 0, 1], { classes }))).toEqual(['DATA_CORRUPT', expect.stringMatching(text)]);
});

test('labels that are no integers are refused', async () => {
  const path = save({ images: imagesOf(4), labels: torch.tensor([0, 1, 0, 1]) });
  expect(await codeOf(path)).toEqual(['DATA_CORRUPT', expect.stringContaining('whole numbers')]);
});

test('equal content has one identity, whatever the file is called; other pixels, labels or names have another', async () => {
  const labels = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1];
  const hash = async (path: string) => {
    using set = await openImages(path);
    return set.hash;
  };
  const first = await hash(labelled(labels));
  expect(await hash(labelled(labels))).toBe(first);
  expect(await hash(labelled([1, 1, ...labels.slice(2)]))).not.toBe(first);
  expect(await hash(labelled(labels, { classes: '["x","y"]' }))).not.toBe(first);
});
