/** @file Similarities of some views with all views: what losses over pairs of views are made of. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Rows } from './loss.js';

export interface Similarities {
  /** [count, 2N] cosine over temperature; -Infinity where a view meets itself. */
  logits: Tensor;
  /** [count] where the other view of the same image is. */
  partner: Tensor;
}

/** @param unit [2N, d] projections of unit length: the first views of all images, then the second ones */
export function similarities(unit: Tensor, { from, count }: Rows, temperature: number): Similarities {
  const views = unit.shape[0]!;
  const { device } = unit;
  const index = torch.arange(from, from + count, { device }); //                       [count]
  const self = torch.arange(views, { device }).eq(index.unsqueeze(1)); //              [count, 2N]
  const logits = unit.narrow(0, from, count).matmul(unit.t()).div(temperature).maskedFill(self, -Infinity);
  return { logits, partner: index.add(views / 2).remainder(views) };
}
