/** @file kNN, linear probe, representations and speed of an encoder as whole jobs, held against their parts. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { plainViews } from '../src/augment/views.js';
import { knnSchema } from '../src/config/evaluate.js';
import { cachedFeatures } from '../src/evaluate/cached-features.js';
import { openFrozen } from '../src/evaluate/frozen.js';
import { knn as votesOf } from '../src/evaluate/knn.js';
import { knnAccuracy } from '../src/evaluate/knn-accuracy.js';
import {
  bench,
  createModel,
  embed,
  type ImageSet,
  imageSet,
  knn,
  openImages,
  parseConfig,
  pretrain,
  probe,
} from '../src/index.js';
import { multiplyAdds } from '../src/models/multiply-adds.js';
import type { ProgressEvent } from '../src/runs/events.js';
import { clipped } from '../src/ssl/clipped.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const machine = { precision: 'float32', threads: 1, device: 'cpu' } as const;
let set: ImageSet;
beforeAll(async () => {
  await torch.load({ threads: 1 });
  for (const [part, count] of [
    ['train', 12],
    ['test', 5],
  ] as const)
    await classFolders(at('pictures', part), ['red', 'blue', 'green'], count, 16);
  set = await openImages(at('pictures'));
  const training = { ...machine, data: at('pictures'), model: 'resnet10_narrow', stem: 'cifar-half' } as const;
  await pretrain({ ...training, epochs: 1, batchSize: 8, heldOut: 0, out: at('run') });
});
afterAll(() => {
  set[Symbol.dispose]();
  rmSync(root, { recursive: true });
});

/** [N, d] of the run's encoder, by its parts. */
function features(images: torch.Tensor): torch.Tensor {
  const { tensors, metadata } = torch.safetensors.load(at('run/checkpoints/last.safetensors'));
  const encoder = createModel('resnet10_narrow', { numClasses: 0, stem: 'cifar-half' });
  encoder.loadStateDict(tensors, { strict: false });
  encoder.eval();
  return torch.noGrad(() => encoder.features(plainViews(images, JSON.parse(metadata.normalisation!))));
}

describe('embed', () => {
  test('writes representations in order, with the path and class of each', async () => {
    const { file, index, count, featureSize } = await embed({
      ...{ ...machine, data: at('pictures'), split: 'test', weights: at('run'), out: at('test.safetensors') },
    });
    torch.scope(() => {
      const { tensors, metadata } = torch.safetensors.load(file);
      expect([count, featureSize, ...tensors.features!.shape]).toEqual([15, 128, 15, 128]);
      expect(tensors.features!.sub(features(set.test!.images)).abs().max().item()).toBeLessThan(1e-5);
      expect(tensors.labels!.tolist()).toEqual(set.test!.labels.tolist());
      expect(metadata).toMatchObject({ model: 'resnet10_narrow', classes: '["blue","green","red"]' });
    });
    const lines = readFileSync(index, 'utf8').trim().split('\n');
    expect(lines[0]).toBe('index,path,class');
    expect(lines.slice(1)).toEqual(
      set.test!.paths!.map((path, i) => `${i},${path},${set.classes[set.test!.labels.tolist()[i]!]}`),
    );
  });

  test('names no paths of images that have none', async () => {
    const images = torch.zeros([4, 3, 16, 16], { dtype: 'uint8' });
    using own = await imageSet({ train: { images, labels: [0, 1, -1, 0] }, classes: ['a', 'b'] });
    const { index } = await embed({ ...machine, data: own, weights: at('run'), out: at('own.safetensors') });
    expect(readFileSync(index, 'utf8').trim().split('\n')).toEqual(['index,class', '0,a', '1,b', '2,', '3,a']);
  });

  test('asks for a part that is not there: DATA_EMPTY', async () => {
    const options = { ...machine, data: at('pictures'), split: 'val', weights: at('run'), out: at('no') } as const;
    await expect(embed(options)).rejects.toMatchObject({ code: 'DATA_EMPTY' });
  });
});

test('kNN counts the votes of the parts, weighted or not', async () => {
  for (const weighted of [true, false]) {
    const options = { ...machine, data: at('pictures'), weights: at('run'), k: 5, knnTemperature: 0.2, weighted };
    const { metrics, bank, model, k, temperature } = await knn(options);
    expect([bank, model, k, temperature, metrics.count]).toEqual([36, 'resnet10_narrow', 5, 0.2, 15]);
    const accuracy = torch.scope(() => {
      const settings = { k: 5, temperature: 0.2, weighted, numClasses: 3 };
      const votes = votesOf(features(set.train.images), set.train.labels, features(set.test!.images), settings);
      return votes.argmax({ dim: 1 }).eq(set.test!.labels).to('float32').mean().item();
    });
    expect(metrics.accuracy).toBeCloseTo(accuracy, 10);
  }
});

test('more neighbours than labelled images are refused, with how many there are', () => {
  torch.scope(() => {
    const labels = torch.tensor([0, -1, 1, 0], { dtype: 'int64' });
    const settings = { k: 4, temperature: 1, weighted: true, numClasses: 2 };
    expect(() => votesOf(torch.randn([4, 3]), labels, torch.randn([2, 3]), settings)).toThrow(
      /4 neighbours of 3 labelled/,
    );
    expect(() => votesOf(torch.randn([4, 3]), labels, torch.randn([2, 3]), { ...settings, k: 3 })).not.toThrow();
  });
});

test('the probe is trained on a stratified fraction, and tested on all test images', async () => {
  const options = { ...machine, data: at('pictures'), weights: at('run'), fraction: 0.5 };
  const { labels, metrics, converged, trainLoss } = await probe({ ...options, iterations: 300, l2: 0.01 });
  expect([labels, metrics.count, converged]).toEqual([18, 15, true]);
  expect(trainLoss).toBeLessThan(Math.log(3)); // better than saying nothing
});

test.each<[object, RegExp | null]>([
  [{ model: 'resnet10_narrow', stem: 'cifar' }, null], // the same weights as cifar-half
  [{ model: 'resnet10_narrow', stem: 'imagenet' }, /another network|shape/],
  [{ model: 'resnet18' }, /another network/],
])('weights are read as %j says', async (given, refused) => {
  const asked = knn({ ...machine, data: at('pictures'), weights: at('run'), k: 5, ...given });
  if (refused === null) await expect(asked).resolves.toMatchObject({ model: 'resnet10_narrow' });
  else await expect(asked).rejects.toThrow(refused);
});

test('bench counts two views an image, and three passes of the multiply-adds', async () => {
  const done: number[] = [];
  const config = {
    ...machine,
    model: 'resnet10_narrow',
    stem: 'cifar',
    imageSize: 16,
    batchSize: 4,
    steps: 3,
  } as const;
  const onEvent = (event: { type: string; done?: number }) => {
    if (event.type === 'progress') done.push(event.done!);
  };
  const result = await bench({ ...config, profile: false } as never, { onEvent } as never);
  const encoder = createModel('resnet10_narrow', { numClasses: 0, stem: 'cifar' });
  const work = multiplyAdds(encoder, 16);
  encoder.dispose();
  expect([result.views, result.flopsPerStep]).toEqual([8, 2 * work * 8 * 3]);
  expect(result.viewsPerSecond).toBeCloseTo(8 / result.secondsPerStep, 6);
  expect(result.flopsPerSecond).toBeCloseTo(result.flopsPerStep / result.secondsPerStep, 0);
  expect(done.at(-1)).toBe(done.length);
  expect(done.length).toBeGreaterThan(3);
});

describe('kNN accuracy while training', () => {
  const side = (labels: number[], features: number[][]) => ({
    labels: torch.tensor(labels, { dtype: 'int64' }),
    features: async () => torch.tensor(features),
  });
  const options = { k: 3, knnTemperature: 0.05, numClasses: 2 };
  test('weighs votes by similarity: one near neighbour outvotes two far ones', async () => {
    const bank = side(
      [0, 1, 1, -1],
      [
        [1, 0.1],
        [-1, 1],
        [-1, -1],
        [1, 0],
      ],
    );
    const found = await knnAccuracy(
      bank,
      side(
        [0, -1],
        [
          [1, 0],
          [0, 1],
        ],
      ),
      options,
    );
    expect(found).toEqual({ accuracy: 1, k: 3, bank: 3, queries: 1, others: [] });
  });
  test('asks fewer neighbours than there are to be had, and nothing without labels', async () => {
    const bank = side(
      [0, -1],
      [
        [1, 0],
        [0, 1],
      ],
    );
    expect((await knnAccuracy(bank, side([0], [[1, 0]]), options))!.k).toBe(1);
    expect(await knnAccuracy(side([-1], [[1, 0]]), side([0], [[1, 0]]), options)).toBeNull();
    expect(await knnAccuracy(bank, side([-1], [[1, 0]]), options)).toBeNull();
    expect(await knnAccuracy(bank, side([0], [[1, 0]]), { ...options, numClasses: 0 })).toBeNull();
  });
});

describe('settings that the number of images does not allow', () => {
  const config = { warmupEpochs: 2, heldOut: 10, k: 50 };
  const taken = { warmupSteps: 20, stepsPerEpoch: 10, heldOut: 10, bank: 50 };
  test('nothing is said where all is taken as asked', () => expect(clipped(config, taken)).toEqual([]));
  test.each([
    [{ warmupSteps: 19 }, /19 steps instead of 20/],
    [{ heldOut: 9 }, /9 images are held out instead of 10/],
    [{ bank: 49 }, /49 neighbours instead of 50/],
  ])('%j', (less, words) => {
    const said = clipped(config, { ...taken, ...less });
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(words);
  });
  test('without held-out images kNN is not measured, and k does not matter', () =>
    expect(clipped({ ...config, heldOut: 0 }, { ...taken, heldOut: 0, bank: 3 })).toEqual([]));
});

test('representations are computed once and then read from the cache', async () => {
  vi.stubEnv('TWOVIEW_DATA', at('cache'));
  const config = parseConfig(knnSchema, { ...machine, data: at('pictures'), weights: at('run') });
  using encoder = await openFrozen(config, set, {});
  const said: string[] = [];
  const io = { onEvent: (event: ProgressEvent) => void (event.type === 'note' && said.push(event.text)) };
  using made = await cachedFeatures(encoder, set, 'test', { crops: 1, io });
  using kept = await cachedFeatures(encoder, set, 'test', { crops: 1, io });
  expect(said.map((text) => /kept in|taken from/.exec(text)?.[0])).toEqual(['kept in', 'taken from']);
  expect(kept.sub(made).abs().max().item()).toBe(0);
  vi.unstubAllEnvs();
});

test('the checkpoint of the best kNN is that of the first epoch that had it; the settings of others are reported', async () => {
  const training = { ...machine, data: at('pictures'), model: 'resnet10_narrow', stem: 'cifar-half' } as const;
  const epochs = 6;
  const { knnReported } = await pretrain({
    ...{ ...training, epochs, batchSize: 8, heldOut: 7, k: 3, knnEvery: 1, lr: 1, out: at('best') },
  });
  expect(Object.keys(knnReported ?? {}).length).toBeGreaterThan(0);
  const measured = readFileSync(at('best/metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number; knn?: number })
    .filter(({ knn }) => knn !== undefined);
  expect(measured).toHaveLength(epochs);
  const most = Math.max(...measured.map(({ knn }) => knn!));
  const { metadata } = torch.safetensors.load(at('best/checkpoints/best.safetensors'));
  const first = measured.find(({ knn }) => knn === most)!.step;
  expect(Number(metadata.step)).toBe(first);
  expect(measured.at(-1)!.step).toBeGreaterThan(first); // else the last would do as well
});
