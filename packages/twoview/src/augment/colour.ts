/**
 * @file Colour jitter and grayscale with parameters of each image's own. Source: torchvision's ColorJitter for the ranges and the random
 * order; the operations are in jitter-steps.ts.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Draw } from '../runs/random.js';
import { hostReads } from './host-reads.js';
import { jitterByPlaceOfHue } from './jitter-by-place.js';
import { blend, HUE, type Jitter, luminance, OPERATIONS, sharesOf, turnHue } from './jitter-steps.js';

export interface JitterOptions {
  probability: number;
  brightness: number;
  contrast: number;
  saturation: number;
  hue: number;
}

export function sampleJitter(options: JitterOptions, draw: Draw): Jitter {
  const order = draw('order', 4).argsort({ dim: 1 });
  const off = draw('jitter', 1).squeeze(1).ge(options.probability);
  const factors = draw('factors', 4);
  const between = (operation: number, low: number, high: number, neutral: number) =>
    factors
      .select(1, operation)
      .mul(high - low)
      .add_(low)
      .maskedFill_(off, neutral);
  const ranges = [options.brightness, options.contrast, options.saturation];
  const around = ranges.map((range, operation) => between(operation, Math.max(0, 1 - range), 1 + range, 1));
  return { order, factors: torch.stack([...around, between(HUE, -options.hue, options.hue, 0)], 1).to('float32') };
}

/** @param x [3, N, S, S] in [0, 1], changed in place @returns x */
export const colourJitter = (x: Tensor, jitter: Jitter): Tensor =>
  hostReads.may(x.device) ? jitterByPlaceOfHue(x, jitter) : jitterUnread(x, jitter);

/**
 * Without looking at what was drawn: hue is computed once for every image, with three steps before it and three after it, of which those
 * change nothing that belong on the other side.
 */
function jitterUnread(x: Tensor, jitter: Jitter): Tensor {
  const { order, factors } = jitter;
  const place = order.eq(HUE).to('int64').argmax({ dim: 1, keepdim: true }); // [N, 1]
  const slots = torch.arange(OPERATIONS.length, { device: x.device });
  const { kept, contrast, saturation } = sharesOf(jitter); // [N, 4] each
  const steps = (first: number, on: Tensor) => {
    const shares = [torch.where(on, kept, 1), contrast.mul(on), saturation.mul(on)];
    for (let slot = first; slot < first + HUE; slot++) {
      const [keep, gray, own] = shares.map((share) => share.select(1, slot).reshape([-1, 1, 1]));
      blend(x, keep!, gray!, own!);
    }
  };
  steps(0, slots.lt(place));
  turnHue(x, factors.select(1, HUE));
  steps(1, slots.gt(place));
  return x;
}

/** @param x [3, N, S, S], changed in place @param chosen [N] bool */
export function grayscale(x: Tensor, chosen: Tensor): Tensor {
  if (!hostReads.may(x.device)) return x.lerp_(luminance(x).expandAs(x), chosen.to('float32').reshape([-1, 1, 1]));
  const index = chosen.nonzero().squeeze(1);
  if (index.numel() === 0) return x;
  const some = x.indexSelect(1, index);
  return x.indexCopy_(1, index, luminance(some).expandAs(some));
}
