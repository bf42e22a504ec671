/**
 * @file VICReg: variance, invariance, covariance. The two views of an image have one projection, each number of it varies over the
 * batch, and no two of them vary together.
 *
 *   loss = 25 mean (a - b)^2 + 25 (v(a) + v(b)) / 2 + (c(a) + c(b)),
 *   v(z) = mean_j max(0, 1 - sqrt(Var(z_j) + 1e-4)),   c(z) = sum_{i != j} Cov(z)_ij^2 / d
 *
 * Source: Bardes et al. 2022, arXiv 2105.04906, equations 1 to 6, with the factors of facebookresearch/vicreg, main_vicreg.py, whose
 * invariance is a mean over all numbers and whose variance is halved.
 */
import type { Tensor } from '@twoview/torch';
import { atLeastFloat32, requireViews } from './projections.js';

const EPS = 1e-4;

export interface VicregWeights {
  invariance?: number;
  variance?: number;
  covariance?: number;
}

/**
 * @param zA [N, d] projections of the first views; N >= 2
 * @param zB [N, d] projections of the second views
 * @returns [] float32 (float64 for float64 input)
 * @throws TwoviewError VIEWS_MISMATCH
 */
export function vicreg(
  zA: Tensor,
  zB: Tensor,
  { invariance = 25, variance = 25, covariance = 1 }: VicregWeights = {},
): Tensor {
  requireViews(zA, zB);
  const [a, b] = [atLeastFloat32(zA), atLeastFloat32(zB)];
  const apart = a.sub(b).square().mean();
  const flat = hinge(a).add(hinge(b)).div(2);
  const together = offDiagonal(a).add(offDiagonal(b));
  return apart.mul(invariance).add(flat.mul(variance)).add(together.mul(covariance));
}

/** v(z) */
const hinge = (z: Tensor): Tensor => z.var([0]).add(EPS).sqrt().neg().add(1).relu().mean();

/** c(z) */
function offDiagonal(z: Tensor): Tensor {
  const [n, d] = z.shape as [number, number];
  const centred = z.sub(z.mean([0]));
  const covariance = centred
    .t()
    .matmul(centred)
    .div(n - 1); // [d, d]
  return covariance.square().sum().sub(covariance.diagonal().square().sum()).div(d);
}
