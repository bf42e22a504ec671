/**
 * @file Several views of each image, the same ones each time, whose representations are averaged: the image, its mirror image, and crops of
 * 80 to 100 % of it with their mirror images. Weaker than the crops of pre-training, which may show a corner alone.
 */
import type { Tensor } from '@twoview/torch';
import type { Normalisation } from '../augment/chunks.js';
import { compose, randomResizedCrop } from '../augment/steps.js';
import { plainViews } from '../augment/views.js';
import { drawsOf } from '../runs/random.js';

/** 1 is the image as it is, 2 with its mirror image, 8 with three crops besides, each with its mirror image. */
export type Crops = 1 | 2 | 8;

const AREA = [0.8, 1] as const;
/** Drawn from one seed for all: representations are kept in the cache, whatever the seed of the labels. */
const SEED = 0;

/** Makes one view of a batch: [n, 3, S, S] float32, normalised, channels-last. */
export type MakeView = () => Tensor;

/** @returns the views of a batch [n, 3, S, S] uint8, given the place of its first image in the set */
export function fixedViews(
  crops: Crops,
  { normalisation, device }: { normalisation: Normalisation; device: string },
): (batch: Tensor, from: number) => MakeView[] {
  const whole = (batch: Tensor) => () => plainViews(batch, normalisation);
  const mirrored = (view: MakeView) => () => view().flip([3]).contiguous({ memoryFormat: 'channels_last' });
  if (crops === 1) return (batch) => [whole(batch)];
  if (crops === 2) return (batch) => [whole(batch), mirrored(whole(batch))];
  const pipeline = compose(randomResizedCrop({ scale: AREA }));
  const streams = Array.from({ length: (crops - 2) / 2 }, (_, i) => drawsOf(SEED, `crop ${i}`, device));
  return (batch, from) => {
    const [count, , size] = batch.shape as [number, number, number];
    const cut = streams.map((rows) => () => {
      const draw = pipeline.draw(size, (first, views) => rows(from + first, views), count);
      return draw(batch, 0, count, normalisation);
    });
    return [whole(batch), ...cut].flatMap((view) => [view, mirrored(view)]);
  };
}
