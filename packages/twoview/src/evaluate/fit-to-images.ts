/** @file What of a network's first weights is computed from images rather than drawn, for networks that have such weights. */
import * as torch from '@twoview/torch';
import type { Normalisation } from '../augment/chunks.js';
import { plainViews } from '../augment/views.js';
import type { Split } from '../data/image-set.js';
import type { Encoder } from '../models/create-model.js';

/** More images change the principal directions of patches no more. */
const SAMPLE = 2000;

/** Looks at evenly spaced images, without their labels. Call it before the encoder is placed on its device. */
export function fitToImages(encoder: Encoder, { images, count }: Split, normalisation: Normalisation): void {
  if (encoder.fitTo === undefined) return;
  torch.scope(() => {
    const step = Math.max(1, Math.floor(count / SAMPLE));
    encoder.fitTo!(plainViews(images.slice(0, 0, count, step), normalisation));
  });
}
