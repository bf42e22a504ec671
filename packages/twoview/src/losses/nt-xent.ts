/**
 * @file NT-Xent, the loss of SimCLR: the two views of an image attract, all other views repel.
 *
 *   l(i, j) = -log( exp(sim(z_i, z_j) / tau) / sum_{k != i} exp(sim(z_i, z_k) / tau) ),  sim = cosine
 *
 * averaged over the 2N ordered pairs of partners. Source: Chen et al. 2020, arXiv 2002.05709, equation 1.
 * google-research/simclr reports the sum of the two directions, which is twice this value.
 */

import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Rows } from './loss.js';
import { atLeastFloat32, requireViews } from './projections.js';
import { similarities } from './rows.js';

/**
 * @param zA [N, d] projections of the first views; N >= 2; need not have unit length
 * @param zB [N, d] projections of the second views; row i shows the same image as row i of zA
 * @param temperature tau > 0; the smaller, the more the nearest negatives count
 * @returns [] float32 (float64 for float64 input); log(2N - 1) when all projections coincide
 * @throws TwoviewError VIEWS_MISMATCH, TEMPERATURE_RANGE
 */
export function ntXent(zA: Tensor, zB: Tensor, { temperature = 0.5 } = {}): Tensor {
  const n = requireViews(zA, zB, temperature);
  // At least float32, so call it outside autocast: bfloat16 cannot hold logits of 1 / tau.
  const z = torch.normalize(atLeastFloat32(torch.cat([zA, zB])), { dim: 1 }); // [2N, d]
  const self = torch.eye(2 * n, { dtype: 'bool', device: z.device }); //         [2N, 2N]
  const sim = z.matmul(z.t()).div(temperature).maskedFill(self, -Infinity); //   [2N, 2N]
  const partner = torch.arange(2 * n, { device: z.device }).roll(n); //          [2N]  i -> i + N mod 2N
  return torch.crossEntropy(sim, partner); //                                    []    mean over 2N rows
}

/** The loss of a collapsed encoder: every view as near as every other. */
export const chanceLine = (n: number): number => Math.log(2 * n - 1);

/**
 * The sum of l(i, partner of i) over some views: what one process, or one block, has to compute. Over all views and divided by 2N it is
 * `ntXent`.
 *
 * @param unit [2N, d] projections of unit length: the first views of all images, then the second ones
 * @returns [] float32
 */
export function ntXentRows(unit: Tensor, { temperature, ...rows }: Rows & { temperature: number }): Tensor {
  const { logits, partner } = similarities(unit, rows, temperature);
  return torch.crossEntropy(logits, partner, { reduction: 'sum' });
}
