/**
 * @file Barlow Twins: each number of a projection varies with itself in the other view, and with no other number.
 *
 *   C_ij = sum_b a_bi b_bj / N,   loss = sum_i (1 - C_ii)^2 + lambda sum_i sum_{j != i} C_ij^2
 *
 * a and b are the projections, each number with mean 0 and deviation 1 over the batch.
 * Source: Zbontar et al. 2021, arXiv 2103.03230, equations 1 and 2; facebookresearch/barlowtwins, main.py, for the normalisation.
 */
import type { Tensor } from '@twoview/torch';
import { atLeastFloat32, requireViews } from './projections.js';

/** Added to the variance, as batch norm does. */
const EPS = 1e-5;

/**
 * @param zA [N, d] projections of the first views; N >= 2
 * @param zB [N, d] projections of the second views
 * @param lambda weight of what is not on the diagonal
 * @returns [] float32 (float64 for float64 input)
 * @throws TwoviewError VIEWS_MISMATCH
 */
export function barlowTwins(zA: Tensor, zB: Tensor, { lambda = 0.0051 } = {}): Tensor {
  const n = requireViews(zA, zB);
  const c = standardised(zA).t().matmul(standardised(zB)).div(n); // [d, d]
  const diagonal = c.diagonal();
  const on = diagonal.sub(1).square().sum();
  const off = c.square().sum().sub(diagonal.square().sum());
  return on.add(off.mul(lambda));
}

function standardised(z: Tensor): Tensor {
  const x = atLeastFloat32(z);
  const centred = x.sub(x.mean([0]));
  return centred.div(centred.square().mean([0]).add(EPS).sqrt());
}
