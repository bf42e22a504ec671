/**
 * @file Random resized crop with flip: where each pixel of a view lies in its image, and what is there, bilinearly.
 * Source: torchvision's RandomResizedCrop (get_params, bilinear).
 */

import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Draw } from '../runs/random.js';

/** One crop an image, each tensor [N] float32: whole pixels of the source. */
export interface Crops {
  top: Tensor;
  left: Tensor;
  height: Tensor;
  width: Tensor;
  /** 1 where the image is mirrored, else 0. */
  flip: Tensor;
}

export interface CropOptions {
  /** Share of the area, drawn uniformly. */
  scale: readonly [number, number];
  /** Width over height, drawn log-uniformly. */
  ratio?: readonly [number, number];
  /** Probability of a mirror image. */
  flip: number;
}

const TRIES = 10;

/** Draws crops of square images of `size` pixels, with torchvision's ten tries and its fall-back to the whole image. */
export function sampleCrops(size: number, { scale, ratio = [3 / 4, 4 / 3], flip }: CropOptions, draw: Draw): Crops {
  const between = (u: Tensor, low: number, high: number) => u.mul(high - low).add_(low);
  // In float64, where no device rounds a side to another whole number.
  const area = between(draw('area', TRIES), scale[0], scale[1]).mul_(size * size); // [N, TRIES]
  const aspect = between(draw('ratio', TRIES), Math.log(ratio[0]), Math.log(ratio[1])).exp_();
  const widths = area.mul(aspect).sqrt_().round_();
  const heights = area.div(aspect).sqrt_().round_();
  const fits = torch.ops.maximum(widths, heights).le(size).logicalAnd_(torch.ops.minimum(widths, heights).gt(0));
  const tries = torch.arange(TRIES, { device: area.device });
  const first = torch.where(fits, tries, TRIES - 1).amin([1], true); // [N, 1]
  const none = fits.any(1).logicalNot_();
  const pick = (sides: Tensor) => sides.gather(1, first).squeeze(1).maskedFill_(none, size);
  const width = pick(widths);
  const height = pick(heights);
  const place = draw('place', 2); // [N, 2]
  const start = (column: number, length: Tensor) =>
    place
      .select(1, column)
      .mul(length.neg().add_(size + 1))
      .floor_();
  const float = (x: Tensor) => x.to('float32');
  return {
    top: float(start(0, height)),
    left: float(start(1, width)),
    height: float(height),
    width: float(width),
    flip: float(draw('flip', 1).squeeze(1).lt(flip)),
  };
}

/**
 * Cut out and brought to views of V pixels, S by default. A crop is never larger than the image, so that with views of its size each
 * pixel is read between the four that surround it, and antialiasing has nothing to do; smaller views are read in the same way.
 *
 * @param images [N, 3, S, S] float32
 * @param crops k for the first image, then k for the second, ...
 * @param side V, of the views
 * @returns [3, N * k, V, V], the views of an image beside each other
 */
export function applyCrops(
  images: Tensor,
  { top, left, height, width, flip }: Crops,
  side: number = images.shape[3]!,
): Tensor {
  const [n, c, size] = images.shape as [number, number, number];
  const views = top.numel();
  const sides = { size, side };
  const y = positions(top, height, torch.zerosLike(flip), sides).unsqueeze(2); // [N * k, V, 1]
  const x = positions(left, width, flip, sides).unsqueeze(1); //                  [N * k, 1, V]
  const grid = torch.stack([x.expand([views, side, side]), y.expand([views, side, side])], 3);
  // The views of an image below each other: one image for all of them.
  const cut = torch.ops.gridSampler2d(images, grid.reshape([n, -1, side, 2]), BILINEAR, TO_THE_BORDER, false);
  return cut
    .reshape([n, c, views / n, side, side])
    .permute([1, 0, 2, 3, 4])
    .reshape([c, views, side, side]);
}

/** grid_sampler's numbers for what torch.nn.functional.grid_sample calls by name. */
const [BILINEAR, TO_THE_BORDER] = [0, 1];

/** Where in the image the pixels of a crop lie, along one side: [N, side], -1 being the image's one edge and 1 the other. */
function positions(
  start: Tensor,
  length: Tensor,
  flip: Tensor,
  { size, side }: { size: number; side: number },
): Tensor {
  const [from, pixels, mirrored] = [start, length, flip].map((x) => x.reshape([-1, 1])) as [Tensor, Tensor, Tensor];
  const share = torch.arange(side, { dtype: 'float32', device: start.device }).add(0.5).div(side).reshape([1, side]);
  const seen = torch.where(mirrored.gt(0), share.neg().add(1), share).mul(pixels);
  // Not beyond the middle of the crop's first and last pixel: what lies outside is not to be seen.
  const inside = torch.ops.minimum(seen.clampMin(0.5), pixels.sub(0.5));
  return inside
    .add(from)
    .mul(2 / size)
    .sub(1);
}
