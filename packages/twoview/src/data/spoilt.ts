/** @file Pictures that hold little: of one colour, and blurred ones. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Split } from './image-set.js';

/** Pictures whose values deviate by less than this many levels hold nothing. */
const PLAIN = 1.5;
/** Of the median sharpness of the images: what is sharp depends on what they show, and on their size in the store. */
const BLURRED = 1 / 10;
/** A median of fewer says nothing. */
const LEAST = 20;
const TOGETHER = 2048;
/** ITU-R BT.601, as Pillow's grayscale. */
const LUMA = [0.299, 0.587, 0.114];

export interface Spoilt {
  plain: number[];
  /** Not among them those that are plain. */
  blurred: number[];
}

/**
 * Blur is told by the variance of the Laplacian (Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield microscopy"), which needs no
 * sharp copy: it is far below that of most other images. It is divided by the variance of the image itself, or fog and dusk would be blurred.
 */
export function spoiltIn(split: Split): Spoilt {
  const [deviations, sharpness] = torch.scope(() => {
    const parts: [number[], number[]] = [[], []];
    for (let from = 0; from < split.count; from += TOGETHER) {
      torch.scope(() => {
        const x = split.images.narrow(0, from, Math.min(TOGETHER, split.count - from)).to('float32'); // [N, 3, S, S]
        parts[0].push(...(x.std([2, 3], { correction: 0 }).amax([1]).tolist() as number[]));
        parts[1].push(...(sharpnessOf(x).tolist() as number[]));
      });
    }
    return parts;
  });
  const plain = indicesOf(deviations, (deviation) => deviation < PLAIN);
  const isPlain = new Set(plain);
  const others = sharpness.filter((_, i) => !isPlain.has(i)).sort((a, b) => a - b);
  const most = others.length < LEAST ? 0 : others[Math.floor(others.length / 2)]! * BLURRED;
  return { plain, blurred: indicesOf(sharpness, (one, i) => one < most && !isPlain.has(i)) };
}

/** Variance of the Laplacian of the gray image, without its border, over that of its levels and one. @param x [N, 3, S, S], 0 to 255 -> [N] */
export function sharpnessOf(x: Tensor): Tensor {
  const side = x.shape[3]!;
  if (side < 3) return torch.zeros([x.shape[0]!]);
  const weights = torch.tensor(LUMA).reshape([1, 3, 1, 1]);
  const gray = x.mul(weights).sum([1]); //                                               [N, S, S]
  const shifted = (i: number, j: number) => gray.narrow(1, i, side - 2).narrow(2, j, side - 2);
  const laplacian = shifted(0, 1).add(shifted(2, 1)).add(shifted(1, 0)).add(shifted(1, 2)).sub(shifted(1, 1).mul(4));
  const variance = (of: Tensor) => of.std([1, 2], { correction: 0 }).pow(2);
  return variance(laplacian).div(variance(gray).add(1)); // the one: of rounding to levels, where there is little else
}

const indicesOf = (values: readonly number[], wanted: (value: number, i: number) => boolean): number[] =>
  values.flatMap((value, i) => (wanted(value, i) ? [i] : []));
