/** @file The views of one step. What was drawn for them is kept, so that any part of the batch can be made, and made again. */
import type { Tensor } from '@twoview/torch';
import { suitsGpu, viewsOnGpu } from '../augment/views-on-gpu.js';
import type { BatchSource } from '../data/batch-source.js';
import { draws, streamKey } from '../runs/random.js';
import type { Pretraining } from './pretraining.js';

export interface BatchViews {
  /** Images of this process. */
  images: number;
  /** @returns [2 * count, 3, V, V]: two views of each of these images, one after the other */
  make(from?: number, count?: number): Tensor;
}

/** The part of a step's images that this process works on. @param indices [N] int64, of all processes */
export function ownPart({ team }: Pick<Pretraining, 'team'>, indices: Tensor): Tensor {
  const { from, count } = team.part(indices.numel());
  return indices.narrow(0, from, count);
}

/**
 * Call it in a scope, which the views cannot outlive.
 *
 * @param indices [N] int64, the images of the step, of all processes
 * @param side V, of the views of this step
 */
export function batchViews(
  training: Pretraining,
  source: BatchSource,
  indices: Tensor,
  { step, side }: { step: number; side: number },
): BatchViews {
  const { config, set, team, compute, views, normalisation } = training;
  const mine = team.part(indices.numel());
  const own = ownPart(training, indices);
  const options = views.standard;
  if (options !== null && suitsGpu(compute.device, side, options)) {
    const { images, indices: rows } = source.rows(own);
    const keyOf = (purpose: string) => streamKey(config.seed, `views/${purpose}`, step);
    const make = (from = 0, count = mine.count) =>
      viewsOnGpu(
        { images, side, indices: rows.narrow(0, from, count), first: 2 * (mine.from + from), keyOf },
        options,
        normalisation,
      );
    return { images: mine.count, make };
  }
  const images = source.images(own); // uint8
  // Rows of the whole batch's numbers, so that an image gets the same views however many processes there are.
  const rows = (from: number, count: number) =>
    draws(config.seed, 'views', step, { from: 2 * mine.from + from, count }, compute.device);
  const drawn = views.draw(set.imageSize, rows, 2 * mine.count, side);
  return {
    images: mine.count,
    make: (from = 0, count = mine.count) => drawn(images.narrow(0, from, count), 2 * from, 2 * count, normalisation),
  };
}

/** Has the images of a coming step read from the disk while this one is computed. */
export function expectBatch(training: Pretraining, source: BatchSource, indices: Tensor): void {
  source.expect(ownPart(training, indices));
}
