/** @file Representations of the same images after each epoch, for a program that shows how they move: pre-training itself needs none. */
import { overImages } from '../evaluate/features.js';
import { indexTensor } from '../evaluate/frozen.js';
import type { JobIo } from '../runs/events.js';
import type { Batches } from './batches.js';
import type { Pretraining } from './pretraining.js';

/** Enough to see clusters, and some seconds at most on two cores. */
const SHOWN = 1000;

/** Does nothing where nobody asked. @param epoch 0 before the first step */
export async function tellRepresentations(
  { encoder, set, compute, normalisation }: Pretraining,
  { heldOut, trained }: Pick<Batches, 'heldOut' | 'trained'>,
  epoch: number,
  { onRepresentations, signal }: JobIo,
): Promise<void> {
  if (onRepresentations === undefined) return;
  // Held-out images first: what they show was not learned by heart.
  const images = [...heldOut, ...trained].slice(0, SHOWN);
  using at = indexTensor(images);
  using pixels = set.train.images.indexSelect(0, at);
  encoder.eval();
  try {
    const io = signal === undefined ? {} : { signal };
    using features = await overImages(pixels, (x) => encoder.features(x), { normalisation, compute, io });
    using h = features.to('cpu');
    onRepresentations({ epoch, images, features: h });
  } finally {
    encoder.train();
  }
}
