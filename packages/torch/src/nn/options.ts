/** @file What the options of several layers have in common. */
import type { Generator } from '../random.js';

/** One number for all dimensions, or one for each. */
export type Extent = number | readonly number[];

export const extents = (extent: Extent, dims: number): readonly number[] =>
  typeof extent === 'number' ? new Array(dims).fill(extent) : extent;

export interface InitOptions {
  /** Draws the initial weights; the default generator where none is given. */
  generator?: Generator | undefined;
}
