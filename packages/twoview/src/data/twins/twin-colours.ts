/** @file What near twins are compared by: mean colours of the cells of a grid over a window of an image, luminance and two differences. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

export const SIDE = 32;
/** Deviation of colours, in levels, below which an image counts as that flat: noise must not look alike. */
export const FLAT = 3;
/** Images at once. */
const TOGETHER = 4096;

/** Start and side of a window along one axis, in pixels. */
export type Window = [start: number, side: number];
export const WHOLE: Window = [0, SIDE];

/** `side` of the image's side, at these shares of what is left. */
export const windows = (side: number, shares: readonly number[]): Window[] =>
  shares.map((share) => [share * (1 - side) * SIDE, side * SIDE]);

/** Luminance, and half of the differences of blue and red from it, which JPEG changes most. @returns [N, 3, 32, 32] uint8 */
export function reduced(images: Tensor): Tensor {
  const side = images.shape[3]!;
  return inBlocks(images, (x) => {
    const small = side === SIDE ? x.to('float32') : gridsOf(x, SIDE, [[0, side]]).reshape([-1, 3, SIDE, SIDE]);
    const [red, green, blue] = torch.ops.unbind(small, 1) as [Tensor, Tensor, Tensor];
    const light = red.mul(0.299).add(green.mul(0.587)).add(blue.mul(0.114));
    const colours = [light, blue.sub(light).mul(0.28).add(128), red.sub(light).mul(0.36).add(128)];
    return torch.stack(colours, 1).round_().clamp_(0, 255).to('uint8');
  });
}

/** @param make from images to one row each; what it makes besides is freed after every block */
export function inBlocks(images: Tensor, make: (x: Tensor) => Tensor): Tensor {
  const parts: Tensor[] = [];
  for (let from = 0; from < images.shape[0]!; from += TOGETHER) {
    parts.push(torch.scope(() => make(images.narrow(0, from, Math.min(TOGETHER, images.shape[0]! - from)))));
  }
  const whole = torch.cat(parts);
  for (const part of parts) part.dispose();
  return whole;
}

/**
 * Means over the cells of grids, one grid for each pair of windows along the two axes: two products of large matrices for all of them.
 *
 * @returns [N, W^2, 3, size^2] float32
 */
export function gridsOf(x: Tensor, size: number, along: readonly Window[]): Tensor {
  const [count, , , whole] = x.shape as [number, number, number, number];
  const columns = along.length * size;
  const weights = torch.cat(
    along.map((window) => torch.tensor(cellWeights(whole, window, size)).reshape([whole, size])),
    1,
  ); //                                                                        [S, W size]
  const across = x.to('float32').reshape([-1, whole]).mm(weights); //          [N 3 S, W size]
  const turned = across.reshape([count, 3, whole, columns]).transpose(2, 3); // [N, 3, W size, S]
  const both = turned.reshape([-1, whole]).mm(weights); //                     [N 3 W size, W size]
  const apart = both.reshape([count, 3, along.length, size, along.length, size]);
  return apart.permute([0, 2, 4, 1, 5, 3]).reshape([count, along.length ** 2, 3, size * size]);
}

/** How much of each of `whole` pixels lies in each of `size` cells of a window, over the cell's width. */
function cellWeights(whole: number, [start, side]: Window, size: number): number[] {
  const width = side / size;
  return Array.from({ length: whole * size }, (_, i) => {
    const [pixel, cell] = [Math.floor(i / size), i % size];
    const [from, to] = [start + cell * width, start + (cell + 1) * width];
    return Math.max(0, Math.min(pixel + 1, to) - Math.max(pixel, from)) / width;
  });
}

/** Colours of grids over windows, without the mean of each channel, of unit length. @returns [N, W^2, 3 size^2] */
export function coloursOf(x: Tensor, size: number, along: readonly Window[]): Tensor {
  const grids = gridsOf(x, size, along);
  const centred = grids.sub(grids.mean([3], true)).flatten(2);
  return centred.div(centred.norm(2, [2], true).clampMin(FLAT * Math.sqrt(3 * size * size)));
}
