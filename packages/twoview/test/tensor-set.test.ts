/** @file Images that a caller holds as tensors, as a set. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageSet, pretrain } from '../src/index.js';
import { temporaryFolder } from './pictures.js';

const SIZE = 16;
const root = temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
let live: number;
beforeAll(async () => {
  await torch.load({ threads: 1 });
  live = torch.liveTensors();
});
afterAll(() => {
  expect(torch.liveTensors()).toBe(live);
  rmSync(root, { recursive: true, force: true });
});
const machine = { precision: 'float32', threads: 1, device: 'cpu' } as const;
const simclr = { ...machine, batchSize: 8, epochs: 2, heldOut: 8, k: 3, knnEvery: 1 };

describe('images that the caller holds', () => {
  const noise = (n: number) => torch.scope(() => torch.randint(0, 256, [n, 3, SIZE, SIZE]).to('uint8'));

  test('are a set with an identity by content', async () => {
    torch.manualSeed(1);
    const images = noise(24);
    const labels = Array.from({ length: 24 }, (_, i) => i % 2);
    using set = await imageSet({
      name: 'noise',
      train: { images, labels },
      test: { images: noise(4), labels: [0, 1, 0, 1] },
    });
    using twin = await imageSet({
      name: 'other',
      train: { images: images.clone(), labels },
      test: { images: set.test!.images.clone(), labels: [0, 1, 0, 1] },
    });
    expect([set.classes, set.imageSize, set.train.count, set.hash === twin.hash]).toEqual([['0', '1'], SIZE, 24, true]);
    const { loss } = await pretrain({ ...simclr, data: set, model: 'resnet10_narrow', heldOut: 4, out: at('noise') });
    expect(Number.isFinite(loss)).toBe(true);
  });

  test.each<[string, () => Parameters<typeof imageSet>[0], string]>([
    ['of another type', () => ({ train: { images: torch.zeros(2, 3, 8, 8) } }), 'DATA_CORRUPT'],
    [
      'of other sizes',
      () => ({ train: { images: noise(2) }, test: { images: torch.zeros([1, 3, 8, 8], { dtype: 'uint8' }) } }),
      'DATA_CORRUPT',
    ],
    ['with too few labels', () => ({ train: { images: noise(2), labels: [0] } }), 'DATA_CORRUPT'],
    [
      'with a label that is no class',
      () => ({ classes: ['a'], train: { images: noise(2), labels: [0, 1] } }),
      'DATA_CORRUPT',
    ],
    [
      'of which there are none',
      () => ({ train: { images: torch.zeros([0, 3, 8, 8], { dtype: 'uint8' }) } }),
      'DATA_EMPTY',
    ],
  ])('%s are refused', async (_, given, code) => {
    const parts = given();
    await expect(imageSet(parts)).rejects.toMatchObject({ code });
    for (const part of [parts.train, parts.test]) part?.images.dispose();
  });
});
