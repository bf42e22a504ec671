/**
 * @file The low frequencies of an image's colours, each multiplied by its frequency. Natural images have amplitudes that fall with the
 * frequency (Field 1987), so that without this nearly all of a similarity comes from the lowest two or three, and pictures of any sea
 * under any sky look alike: docs/tried.md has the numbers.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { FLAT, gridsOf, type Window } from './twin-colours.js';

/** Cells along each side of the grid from which frequencies are taken, and how many of them along each axis, 0 included. */
const GRID = 8;
const FREQUENCIES = 5;
/** What colour differences count beside luminance: they are small, and differ little between copies. */
const CHROMA = 5;

/** @returns [N, W^2, 72] of unit length, one row for each pair of windows along the two axes */
export function wavesOf(x: Tensor, along: readonly Window[]): Tensor {
  const waves = gridsOf(x, GRID, along).matmul(basis()); //                      [N, W^2, 3, 24]
  const weighted = waves.mul(torch.tensor([1, CHROMA, CHROMA]).reshape([3, 1])).flatten(2);
  return weighted.div(weighted.norm(2, [2], true).clampMin(FLAT * Math.sqrt(3) * GRID));
}

/** The cosine transform of a grid without its mean, each wave multiplied by its frequency. @returns [64, 24] */
function basis(): Tensor {
  const wave = (frequency: number, cell: number) =>
    Math.cos((Math.PI * frequency * (cell + 0.5)) / GRID) * Math.sqrt((frequency === 0 ? 1 : 2) / GRID);
  const pairs = (size: number) =>
    Array.from({ length: size ** 2 }, (_, i): [number, number] => [Math.floor(i / size), i % size]);
  const frequencies = pairs(FREQUENCIES).slice(1);
  return torch.tensor(
    pairs(GRID).map(([i, j]) => frequencies.map(([u, v]) => Math.hypot(u, v) * wave(u, i) * wave(v, j))),
  );
}
