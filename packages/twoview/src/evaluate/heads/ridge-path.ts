/**
 * @file Ridge regression for every strength by one eigendecomposition, with exact leave-one-out predictions.
 *
 *   minimise  sum_i w_i |y_i - W x_i - b|^2 + strength * |W|^2,   b the share of each class
 *
 * With rows multiplied by sqrt(w) and b taken off y, X^T X = V diag(e) V^T gives W^T = V diag(1 / (e + strength)) V^T X^T Y, and
 * h_i = sum_j (X V)_ij^2 / (e_j + strength) is how much a row tells of itself: without row i its residual is the one with it, divided by
 * 1 - h_i. Source: Hastie, Tibshirani and Friedman 2009, The Elements of Statistical Learning, sections 3.4.1 and 7.10 (equation 7.64).
 *
 * The intercept is not fitted, as it is there: representations have mean 0 over all images already, and an intercept fitted without row i
 * says less of the class of row i, so that few labels that are left out would make every classifier look worse than it is.
 */
import type { Tensor } from '@twoview/torch';
import type { Linear } from './head.js';

export interface RidgePath {
  /** @param strength > 0 */
  at(strength: number): Linear;
  /** @returns [n, C]: what is said of each row by the classifier of all others, with the same b; rows of weight 0 have no meaning */
  leftOut(strength: number): Tensor;
}

/** Below this share of the largest, an eigenvalue is rounding. */
const ROUNDING = 1e-12;

/**
 * Its tensors belong to the scope around it.
 *
 * @param x [n, d] float64, with mean 0 over all images, labelled or not
 * @param y [n, C] float64: 1 for the class, 0 for the others, or shares
 * @param weights [n] float64, how much each row counts; all 1 where it is left out
 */
export function ridgePath(x: Tensor, y: Tensor, weights?: Tensor): RidgePath {
  const [n, d] = x.shape as [number, number];
  const w = weights ?? x.newOnes([n]);
  const root = w.sqrt().unsqueeze(1); //                           [n, 1]
  const shares = w.unsqueeze(0).mm(y).div(w.sum()); //             [1, C]
  const rows = x.mul(root); //                                     [n, d]
  const targets = y.sub(shares).mul(root); //                      [n, C]
  const { values, basis } = n <= d ? byRows(rows) : byColumns(rows);
  const turned = basis.t().mm(rows.t().mm(targets)); //            [r, C]
  const shrunk = (strength: number) => turned.div(values.add(strength).unsqueeze(1));
  let seen: Tensor | null = null;
  const projected = () => {
    seen ??= rows.mm(basis); //                                    [n, r]
    return seen;
  };
  return {
    at: (strength) => ({ weight: basis.mm(shrunk(strength)).t(), bias: shares.squeeze(0) }),
    leftOut(strength) {
      const z = projected();
      const residual = targets.sub(z.mm(shrunk(strength)));
      const others = z.square().div(values.add(strength)).sum([1]).neg().add(1).clampMin(ROUNDING); // [n] 1 - h
      return y.sub(residual.div(others.unsqueeze(1)).div(root));
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
  const [values, vectors] = gram.linalgEigh();
  const kept = values.gt(values.amax().mul(ROUNDING).clampMin(1e-300)).nonzero().squeeze(1);
  return { values: values.indexSelect(0, kept), basis: vectors.indexSelect(1, kept) };
}
