/** @file The views of one step. What was drawn for them is kept, so that any part of the batch can be made, and made again. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { applyViews, sampleViews, slice } from '../augment/views.js';
import { streamGenerator } from '../runs/random.js';
import type { Setting } from './setting.js';
import { viewOptions } from './view-options.js';

export interface BatchViews {
  /** Images of this process. */
  images: number;
  /** @returns [2 * count, 3, S, S]: two views of each of these images, one after the other */
  make(from?: number, count?: number): Tensor;
}

/** Call it in a scope, which the views cannot outlive. @param indices [N] int64, the images of the step, of all processes */
export function batchViews(
  { config, set, team, compute, normalisation }: Setting,
  indices: Tensor,
  step: number,
): BatchViews {
  const all = indices.numel();
  const mine = team.part(all);
  const images = set.train.images.indexSelect(0, indices.narrow(0, mine.from, mine.count)).to(compute.device); // uint8
  // Drawn for all processes, so that an image gets the same views however many there are.
  const generator = streamGenerator(config.seed, 'views', step);
  const ofAll = sampleViews(2 * all, set.imageSize, viewOptions(config), generator);
  const drawn = slice(ofAll, 2 * mine.from, 2 * mine.count);
  return {
    images: mine.count,
    make: (from = 0, count = mine.count) =>
      applyViews(images.narrow(0, from, count), slice(drawn, 2 * from, 2 * count), normalisation),
  };
}

/** Has the images of a coming step read from the disk while this one is computed. */
export function expectBatch({ set, team }: Setting, indices: Tensor): void {
  const mine = team.part(indices.numel());
  torch.willNeed(set.train.images, indices.narrow(0, mine.from, mine.count));
}
