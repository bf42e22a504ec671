/** @file Growing views: each size gets the same computing, a smaller view shows the same crop, and a run goes on with the same bytes. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyCrops, type Crops } from '../src/augment/crop.js';
import { stepsBySide, viewSides } from '../src/augment/view-sizes.js';
import { finetune, pretrain, views } from '../src/index.js';
import { drawsOf } from '../src/runs/random.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const SIZE = 16;
beforeAll(async () => {
  await torch.load({ threads: 1 });
  for (const part of ['train', 'test']) await classFolders(at('photos', part), ['a', 'b'], 20, SIZE);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the side of each step', () => {
  const sides = (sizes: number[], totalSteps: number) => {
    const at = viewSides(sizes, { imageSize: 32, totalSteps });
    return Array.from({ length: totalSteps }, (_, step) => at(step));
  };

  test('is that of the images where no sizes are named', () => expect(sides([], 3)).toEqual([32, 32, 32]));

  test('comes in the order given, and each takes the same number of pixels to within one step', () => {
    const all = sides([16, 24, 32], 1000);
    expect([...new Set(all)]).toEqual([16, 24, 32]);
    expect([...all].sort((a, b) => a - b)).toEqual(all);
    const pixels = [16, 24, 32].map((side) => side ** 2 * all.filter((one) => one === side).length);
    for (const one of pixels) expect(Math.abs(one - pixels[0]!)).toBeLessThanOrEqual(2 * 32 ** 2);
  });

  test('is counted for each side', () => {
    const at = (step: number) => [16, 16, 16, 32][step % 4]!;
    expect([...stepsBySide(at, 10)]).toEqual([
      [16, 8],
      [32, 2],
    ]);
  });

  test('of fewer steps than sizes is one of them', () => {
    for (const side of sides([16, 24, 32], 2)) expect([16, 24, 32]).toContain(side);
  });
});

/** Pixel (i, j) of a view of `side` pixels, read between four pixels of one channel: torchvision's crop and bilinear resize, without antialiasing. */
function byDefinition(
  image: number[][],
  crop: { top: number; left: number; height: number; width: number },
  side: number,
) {
  const last = image.length - 1;
  const along = (i: number, start: number, length: number) =>
    start + Math.min(Math.max(((i + 0.5) / side) * length - 0.5, 0), length - 1);
  return Array.from({ length: side }, (_, i) =>
    Array.from({ length: side }, (_, j) => {
      const [y, x] = [along(i, crop.top, crop.height), along(j, crop.left, crop.width)];
      const [y0, x0] = [Math.floor(y), Math.floor(x)];
      const pixel = (row: number, column: number) => image[Math.min(row, last)]![Math.min(column, last)]!;
      const row = (r: number) => pixel(r, x0) * (1 - (x - x0)) + pixel(r, x0 + 1) * (x - x0);
      return row(y0) * (1 - (y - y0)) + row(y0 + 1) * (y - y0);
    }),
  );
}

test.each([5, 8, 16, 23])('a crop brought to %i pixels reads between the four that surround each of them', (side) => {
  const images = torch.rand([1, 3, SIZE, SIZE], { generator: new torch.Generator(1) });
  const crop = { top: 3, left: 1, height: 9, width: 13 };
  const one = (x: number) => torch.tensor([x], { dtype: 'float32' });
  const crops: Crops = {
    ...{ top: one(crop.top), left: one(crop.left), height: one(crop.height), width: one(crop.width) },
    flip: one(0),
  };
  const found = applyCrops(images, crops, side);
  expect(found.shape).toEqual([3, 1, side, side]);
  const flat = images.select(1, 0).flatten().tolist();
  const channel = Array.from({ length: SIZE }, (_, y) => flat.slice(y * SIZE, (y + 1) * SIZE));
  const expected = byDefinition(channel, crop, side).flat();
  const actual = found.select(0, 0).flatten().tolist();
  // Positions and weights are float32 numbers below 16.
  expect(Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)))).toBeLessThan(4e-6);
});

test('steps after the crop work on the smaller views', () => {
  const images = torch.randint(0, 256, [4, 3, SIZE, SIZE], { dtype: 'uint8' });
  const seen: number[][] = [];
  const own = views.own('look', (x) => {
    seen.push([...x.shape]);
    return x;
  });
  const pipeline = views.compose(views.randomResizedCrop(), own, views.cutout());
  const made = pipeline.draw(SIZE, drawsOf(1, 'v'), 8, 8)(images, 0, 8, { mean: [0, 0, 0], std: [1, 1, 1] });
  expect(made.shape).toEqual([8, 3, 8, 8]);
  expect(seen.every((shape) => shape[2] === 8 && shape[3] === 8)).toBe(true);
});

const machine = { precision: 'float32', threads: 1, device: 'cpu' } as const;
const recipe = { ...machine, model: 'airbench', batchSize: 8, epochs: 3, viewSizes: [8, 16], imageSize: SIZE };
const simclr = { ...recipe, data: at('photos'), heldOut: 8, k: 3 };
const labelled = { ...recipe, data: at('photos'), translate: 0.1, jitter: 0.5, randAugment: 1, cutout: 0.3 };
const bytes = (run: string) => readFileSync(at(run, 'checkpoints', 'last.safetensors'));

/** Stops after every step in turn, in one folder, until it ends by itself. */
async function stepByStep(train: (signal: AbortSignal, onStep: () => void) => Promise<unknown>) {
  for (let tries = 0; tries < 40; tries++) {
    const controller = new AbortController();
    const stopped = await train(controller.signal, () => controller.abort()).then(
      () => false,
      (error) => {
        if (error.code === 'STOPPED') return true;
        throw error;
      },
    );
    if (!stopped) return;
  }
  throw new Error('it never ended');
}

test('a pre-training and a fine-tuning that stop after every step end with the same bytes', async () => {
  await pretrain({ ...simclr, out: at('whole') });
  await stepByStep((signal, onStep) =>
    pretrain({ ...simclr, out: at('cut'), resume: true, signal, onStep, checkpointMinutes: 0 }),
  );
  expect(bytes('cut').equals(bytes('whole'))).toBe(true);
  await finetune({ ...labelled, out: at('labelled') });
  await stepByStep((signal, onStep) =>
    finetune({ ...labelled, out: at('labelled-cut'), resume: true, signal, onStep }),
  );
  expect(bytes('labelled-cut').equals(bytes('labelled'))).toBe(true);
});

test('views above the size of the images, or of a pipeline without a crop, are refused', async () => {
  await expect(pretrain({ ...simclr, viewSizes: [8, 24], out: at('large') })).rejects.toThrow(
    /views of 24 pixels are larger than the images, which have 16[\s\S]*--view-sizes 8,16/,
  );
  await expect(finetune({ ...labelled, views: views.compose(views.flip()), out: at('no-crop') })).rejects.toThrow(
    /do(?:es)? not begin with a crop/,
  );
});
