/** @file What a loss of pre-training is: a function of the projections of the two views of each image. */
import type { Tensor } from '@twoview/torch';

/**
 * Row i of `zA` [N, d] and row i of `zB` [N, d] are projections of the two views of image i.
 *
 * @param labels [N] int64, -1 where the class is not known; given to losses that ask for them
 * @returns [] differentiable
 */
export type LossFunction = (zA: Tensor, zB: Tensor, labels: Tensor | null) => Tensor;

/** Views `from` ... `from + count - 1` of all: first those of the first views of all images, then the second ones. */
export interface Rows {
  from: number;
  count: number;
}

export interface Loss {
  name: string;
  /** As figures and messages call it. */
  title: string;
  /** In one sentence, with its source. */
  about: string;
  /** Null where it has none. */
  temperature: number | null;
  of: LossFunction;
  /**
   * The sum over some views, for losses that are means over views of what depends on similarities: computed in blocks and by
   * several processes. Without it the whole batch is computed at once, by each process.
   *
   * @param unit [2N, d] projections of unit length
   * @param labels [2N]
   */
  rows?: (unit: Tensor, rows: Rows, labels: Tensor | null) => Tensor;
  /** Whether it is given labels. */
  asksForLabels?: boolean;
  /** Its value where all projections of N images are the same; null where that says nothing. */
  collapsed(n: number): number | null;
}
