/** @file Views to look at, drawn anew: those of a training are never kept. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Normalisation } from '../augment/chunks.js';
import type { ViewPipeline } from '../augment/pipeline.js';
import { drawsOf } from '../runs/random.js';

/** Views to look at stay between 0 and 1. */
const AS_SHOWN: Normalisation = { mean: [0, 0, 0], std: [1, 1, 1] };

/** @param images [N, 3, S, S] uint8 @returns [2N, 3, S, S] uint8, two views of each image, the same ones for the same seed */
export function exampleViews(images: Tensor, views: ViewPipeline, seed = 0): Tensor {
  return torch.scope(() => {
    const count = 2 * images.shape[0]!;
    const made = views.draw(images.shape[2]!, drawsOf(seed, 'shown'), count)(images, 0, count, AS_SHOWN);
    return made.mul(255).round().clamp(0, 255).to('uint8');
  });
}
