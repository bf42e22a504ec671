/**
 * @file Random resized crop with flip, as two small matrix products an image: out = Ry · X · Rxᵀ. A row of Ry holds the
 * weights of the input rows that one output row is made of, so crop, antialiased bilinear resize and flip are one product.
 * Source: torchvision's RandomResizedCrop (get_params, antialias = true), and Pillow's triangle filter.
 */

import type { Generator, Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

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
export function sampleCrops(
  count: number,
  size: number,
  { scale, ratio = [3 / 4, 4 / 3], flip }: CropOptions,
  generator: Generator,
): Crops {
  const uniform = (shape: number[], low: number, high: number) =>
    torch
      .rand(shape, { generator })
      .mul(high - low)
      .add(low);
  const area = uniform([count, TRIES], scale[0], scale[1]).mul(size * size);
  const aspect = uniform([count, TRIES], Math.log(ratio[0]), Math.log(ratio[1])).exp();
  const widths = area.mul(aspect).sqrt().round();
  const heights = area.div(aspect).sqrt().round();
  const fits = widths.le(size).logicalAnd(heights.le(size)).logicalAnd(widths.gt(0)).logicalAnd(heights.gt(0));
  const first = fits.to('float32').argmax({ dim: 1, keepdim: true });
  const none = fits.any(1).logicalNot();
  const pick = (tries: Tensor) => tries.gather(1, first).squeeze(1).maskedFill(none, size);
  const width = pick(widths);
  const height = pick(heights);
  const start = (length: Tensor) =>
    torch
      .rand([count], { generator })
      .mul(length.neg().add(size + 1))
      .floor();
  const top = start(height);
  const left = start(width);
  return { top, left, height, width, flip: torch.rand([count], { generator }).lt(flip).to('float32') };
}

/** The whole image, unmirrored. */
export function wholeCrops(count: number, size: number): Crops {
  const full = torch.full([count], size, { dtype: 'float32' });
  const zero = torch.zeros([count]);
  return { top: zero, left: zero, height: full, width: full, flip: zero };
}

/**
 * Weights that resample `length` source pixels from `start` on to `out` pixels.
 *
 * @param start, length, flip [N] float32
 * @returns [N, out, size] float32; rows sum to 1
 */
export function resampleMatrix(start: Tensor, length: Tensor, flip: Tensor, size: number, out: number): Tensor {
  const column = (x: Tensor) => x.reshape([-1, 1, 1]);
  const device = start.device;
  const forward = torch.arange(out, { dtype: 'float32', device }).reshape([1, out, 1]);
  const mirrored = forward.neg().add(out - 1);
  const target = torch.where(column(flip).gt(0), mirrored, forward); // [N, out, 1]
  const step = column(length).div(out); // source pixels to one output pixel
  const source = torch.arange(size, { dtype: 'float32', device }).reshape([1, 1, size]).sub(column(start)).add(0.5); // [N, 1, size]
  const distance = source.sub(target.add(0.5).mul(step)).abs_().div_(step.clampMin(1)); // a triangle widens where pixels are merged
  const inside = source
    .gt(0)
    .logicalAnd(source.lt(column(length)))
    .to('float32'); // [N, 1, size]; a product with booleans is slow
  const weights = distance.neg_().add_(1).clampMin_(0).mul_(inside);
  return weights.div_(weights.sum(2, { keepdim: true }));
}

/**
 * @param images [N, H, 3, W] float32: rows first, so that both products run over contiguous memory
 * @param rows [N, k * S, H] weights for k views of each image; columns [N, k, S, W]
 * @returns [3, N * k, S, S], the views of an image beside each other
 */
export function applyCrops(images: Tensor, rows: Tensor, columns: Tensor): Tensor {
  const [n, h, c, w] = images.shape as [number, number, number, number];
  const [, k, s] = columns.shape as [number, number, number];
  const vertical = rows.bmm(images.reshape([n, h, c * w])); // [N, k * S, 3 * W]
  return vertical
    .reshape([n * k, s * c, w])
    .bmm(columns.reshape([n * k, s, w]).transpose(1, 2)) // [N * k, S * 3, S]
    .reshape([n * k, s, c, s])
    .permute([2, 0, 1, 3])
    .contiguous();
}
