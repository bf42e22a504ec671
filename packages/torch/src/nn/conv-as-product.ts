/**
 * @file Convolutions that a CPU computes faster as matrix products. oneDNN's kernels run along the rows of a map; a map of
 * one or two rows leaves them at a tenth of the speed of a product, above all in the backward pass (docs/tried.md).
 */
import { tensor } from '../creation.js';
import { zeros } from '../dispatch/functions.js';
import { cat } from '../generated/functions.js';
import type { Tensor } from '../tensor.js';

export interface ConvShape {
  stride: number;
  padding: number;
}

/** Maps of more positions than this are left to the convolution: their product would be mostly zeros. */
const MOST_INPUTS = 16;
const MOST_OUTPUTS = 4;

/** A kernel of one pixel: every pixel's channels times the weight [out, in, 1, 1]. */
export function pixelwise(x: Tensor, weight: Tensor, bias: Tensor | null, stride: number): Tensor {
  const all = x.permute([0, 2, 3, 1]); // before slicing, so that the gradient lies as x does
  const pixels = stride === 1 ? all : all.slice(1, null, null, stride).slice(2, null, null, stride);
  // As one matrix: of four dimensions libtorch would, without gradients, copy the weight for every row of pixels.
  const y = pixels.reshape([-1, x.shape[1]!]).linear(weight.flatten(1), bias);
  return asInput(x, y.view([...pixels.shape.slice(0, 3), weight.shape[0]!]).permute([0, 3, 1, 2]));
}

/** Output pixels along a side of `size` pixels. */
const outputs = (size: number, kernel: number, { stride, padding }: ConvShape) =>
  Math.floor((size + 2 * padding - kernel) / stride) + 1;

/** Whether {@link tinyMap} is the faster way for images [N, C, H, W]; for few images putting its matrix together costs more. */
export function isTinyMap(x: Tensor, kernel: number, shape: ConvShape): boolean {
  const [images, , height, width] = x.shape as [number, number, number, number];
  const out = outputs(height, kernel, shape) * outputs(width, kernel, shape);
  return images >= 32 && height * width <= MOST_INPUTS && out >= 1 && out <= MOST_OUTPUTS;
}

/**
 * For each output pixel the input pixels that it sees, as one matrix [out pixels * out, in pixels * in] of the kernel's
 * weights, with zeros where it sees none.
 */
export function tinyMap(x: Tensor, weight: Tensor, bias: Tensor | null, shape: ConvShape): Tensor {
  const [images, inputs, height, width] = x.shape as [number, number, number, number];
  const [channels, , kernel] = weight.shape as [number, number, number, number];
  const [rows, columns] = [outputs(height, kernel, shape), outputs(width, kernel, shape)];
  const unseen = kernel * kernel;
  const seen: number[] = [];
  for (let at = 0; at < rows * columns; at++) {
    for (let from = 0; from < height * width; from++) {
      const down = Math.floor(from / width) - Math.floor(at / columns) * shape.stride + shape.padding;
      const right = (from % width) - (at % columns) * shape.stride + shape.padding;
      const inside = Math.min(down, right) >= 0 && Math.max(down, right) < kernel;
      seen.push(inside ? down * kernel + right : unseen);
    }
  }
  const taps = weight.flatten(2).permute([2, 0, 1]);
  const none = { dtype: weight.dtype, device: weight.device };
  const padded = seen.includes(unseen) ? cat([taps, zeros([1, channels, inputs], none)]) : taps;
  const matrix = padded
    .indexSelect(0, tensor(seen, { dtype: 'int64', device: weight.device }))
    .view([rows * columns, height * width, channels, inputs])
    .permute([0, 2, 1, 3])
    .reshape([rows * columns * channels, height * width * inputs]);
  const y = x.permute([0, 2, 3, 1]).flatten(1).linear(matrix).view([images, rows, columns, channels]);
  return asInput(x, (bias === null ? y : y.add(bias)).permute([0, 3, 1, 2]));
}

/** Contiguous where the input is, as a convolution's output; otherwise in rows of channels, as it is. */
const asInput = (x: Tensor, y: Tensor): Tensor => (x.isContiguous() ? y.contiguous() : y);
