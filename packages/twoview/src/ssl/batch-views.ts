/** @file The views of one step. What was drawn for them is kept, so that any part of the batch can be made, and made again. */
import type { Tensor } from '@twoview/torch';
import { applyViews, sampleViews, slice } from '../augment/views.js';
import { streamGenerator } from '../runs/random.js';
import type { Setting } from './setting.js';
import { viewOptions } from './view-options.js';

export interface BatchViews {
  /** N images. */
  images: number;
  /** @returns [2 * count, 3, S, S]: two views of each of these images, one after the other */
  make(from?: number, count?: number): Tensor;
}

/** Call it in a scope, which the views cannot outlive. @param indices [N] int64, the images of the step */
export function batchViews(
  { config, set, compute, normalisation }: Omit<Setting, 'run' | 'optimizer'>,
  indices: Tensor,
  step: number,
): BatchViews {
  const n = indices.numel();
  const images = set.train.images.indexSelect(0, indices).to(compute.device); // [N, 3, S, S] uint8
  const drawn = sampleViews(2 * n, set.imageSize, viewOptions(config), streamGenerator(config.seed, 'views', step));
  return {
    images: n,
    make: (from = 0, count = n) =>
      applyViews(images.narrow(0, from, count), slice(drawn, 2 * from, 2 * count), set.imageSize, normalisation),
  };
}
