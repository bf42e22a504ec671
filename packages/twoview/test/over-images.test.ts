/** @file Outputs of whole sets batch by batch: the same as image by image, whatever the number of images. */
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluationBatch, overImages } from '../src/evaluate/features.js';
import { umap } from '../src/evaluate/umap.js';
import type { ProgressEvent } from '../src/index.js';
import { compute } from '../src/models/compute.js';

const normalisation = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.25] };
beforeAll(() => torch.load({ threads: 1 }));

const pictures = (count: number, side: number) =>
  torch.randint(0, 256, [count, 3, side, side], { generator: new torch.Generator(5), dtype: 'uint8' });

test('a last batch that is not full has its own images, and progress counts every image once', async () => {
  using images = pictures(300, 8); // batches of 128, 128 and 44
  const told: number[] = [];
  const onEvent = (event: ProgressEvent) => {
    if (event.type === 'progress') told.push(event.done);
  };
  using all = await overImages(images, (x) => x.mean([2, 3]), {
    ...{ normalisation, compute: compute('cpu', 'float32'), phase: 'means', io: { onEvent } },
  });
  expect(all.shape).toEqual([300, 3]);
  expect(told).toEqual([128, 256, 300]);
  const { mean, std } = normalisation;
  torch.scope(() => {
    const plain = images.to('float64').div(255).mean([2, 3]);
    const expected = plain.sub(torch.tensor(mean, { dtype: 'float64' })).div(torch.tensor(std, { dtype: 'float64' }));
    expect(all.to('float64').sub(expected).abs().max().item()).toBeLessThan(1e-5); // float32
  });
});

test('as many images are looked at together as 128 of 32 pixels have pixels, 16 at least and 128 at most', () => {
  expect([8, 32, 64, 224].map(evaluationBatch)).toEqual([128, 128, 32, 16]);
});

describe('a map', () => {
  test('of four images has four points, and there is none of three', async () => {
    using four = torch.randn([4, 8], { generator: new torch.Generator(1) });
    using three = four.narrow(0, 0, 3);
    expect([(await umap(four, 0)).length, (await umap(three, 0)).length]).toEqual([4, 0]);
  });
});
