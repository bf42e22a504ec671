/**
 * @file Ridge regression for every strength by one eigendecomposition, with exact leave-one-out predictions.
 *
 *   minimise  sum_i w_i |y_i - W x_i - b|^2 + strength * |W|^2,   the intercept b free
 *
 * With both sides centred by their weighted means and rows multiplied by sqrt(w), X^T X = V diag(e) V^T gives
 * W^T = V diag(1 / (e + strength)) V^T X^T Y, and h_i = w_i / sum(w) + sum_j (X V)_ij^2 / (e_j + strength) is how much a row tells of itself;
 * without row i its residual is the one with it, divided by 1 - h_i. Source: Hastie, Tibshirani and Friedman 2009, The Elements of
 * Statistical Learning, sections 3.4.1 and 7.10 (equation 7.64).
 */
import type { Tensor } from '@twoview/torch';
import type { Linear } from './head.js';

export interface RidgePath {
  /** @param strength > 0 */
  at(strength: number): Linear;
  /** @returns [n, C]: what is said of each row by the classifier of all others */
  leftOut(strength: number): Tensor;
}

/** Below this share of the largest, an eigenvalue is rounding. */
const ROUNDING = 1e-12;

/**
 * Its tensors belong to the scope around it.
 *
 * @param x [n, d] float64
 * @param y [n, C] float64: 1 for the class, 0 for the others, or shares
 * @param weights [n] float64, how much each row counts; all 1 where it is left out
 */
export function ridgePath(x: Tensor, y: Tensor, weights?: Tensor): RidgePath {
  const [n, d] = x.shape as [number, number];
  const w = weights ?? x.newOnes([n]);
  const total = w.sum();
  const root = w.sqrt().unsqueeze(1); //                  [n, 1]
  const meanOf = (of: Tensor) => w.unsqueeze(0).mm(of).div(total); // [1, ...]
  const [meanX, meanY] = [meanOf(x), meanOf(y)];
  const rows = x.sub(meanX).mul_(root); //                [n, d]
  const targets = y.sub(meanY).mul(root); //              [n, C]
  const { values, basis } = n <= d ? byRows(rows) : byColumns(rows);
  const products = rows.t().mm(targets); //               [d, C]
  const turned = basis.t().mm(products); //               [r, C]
  const shrunk = (strength: number) => turned.div(values.add(strength).unsqueeze(1));
  let seen: Tensor | null = null;
  const projected = () => {
    seen ??= rows.mm(basis); //                           [n, r]
    return seen;
  };
  return {
    at(strength) {
      const weight = basis.mm(shrunk(strength)); //       [d, C]
      return { weight: weight.t(), bias: meanY.sub(meanX.mm(weight)).squeeze(0) };
    },
    leftOut(strength) {
      const z = projected();
      const residual = targets.sub(z.mm(shrunk(strength)));
      const own = z.square().div(values.add(strength)).sum([1]).add(w.div(total)); // [n]
      return y.sub(residual.div(own.neg().add(1).clampMin(ROUNDING).unsqueeze(1)).div(root));
    },
  };
}

interface Eigen {
  /** [r] */
  values: Tensor;
  /** [d, r], orthonormal columns */
  basis: Tensor;
}

/** Few rows: by the [n, n] products of rows, whose eigenvectors U give V = X^T U / sqrt(e). */
function byRows(rows: Tensor): Eigen {
  const { values, basis } = significant(rows.mm(rows.t()));
  return { values, basis: rows.t().mm(basis).div(values.sqrt()) };
}

/** Few columns: by the [d, d] products of columns. */
const byColumns = (rows: Tensor): Eigen => significant(rows.t().mm(rows));

function significant(gram: Tensor): Eigen {
  const [values, vectors] = gram.to('float64').linalgEigh();
  const kept = values.gt(values.amax().mul(ROUNDING).clampMin(1e-300)).nonzero().squeeze(1);
  return { values: values.indexSelect(0, kept), basis: vectors.indexSelect(1, kept) };
}
