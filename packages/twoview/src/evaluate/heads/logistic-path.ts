/**
 * @file Multinomial logistic regression along a path of strengths, each begun where the stronger one before it ended.
 *
 *   minimise  mean_i -log softmax(W x_i + b)[y_i] + strength / 2 * |W|^2,   the intercept b free
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Linear } from './head.js';

/** Largest element of the gradient at which a minimum counts as found. */
const TOLERANCE = 1e-5;
/** Of L-BFGS, at most. */
export const STEPS = 500;

export interface Minimum extends Linear {
  strength: number;
  /** Whether it was reached before the steps ran out. */
  converged: boolean;
}

/**
 * @param x [n, d] float32, scaled
 * @param labels [n] int64
 * @param strengths the strongest first
 * @returns a classifier for each of them
 */
export function logisticPath(
  x: Tensor,
  labels: Tensor,
  { numClasses, strengths }: { numClasses: number; strengths: readonly number[] },
): Minimum[] {
  const [n, d] = x.shape as [number, number];
  const truth = torch.scope(() => torch.ops.oneHot(labels, numClasses).to(x.dtype)); // [n, C]
  const theta = x.newZeros([numClasses, d + 1]).flatten(); // each row a class: weights, intercept
  return strengths.map((strength): Minimum => {
    const objective = (at: Tensor) =>
      torch.scope(() => {
        const table = at.view([numClasses, d + 1]);
        const [weight, bias] = [table.narrow(1, 0, d), table.select(1, d)];
        const logits = torch.ops.linear(x, weight, bias); // [n, C]
        const logP = logits.logSoftmax(1);
        const fit = logP.mul(truth).sum().div(-n);
        const slope = logP.exp().sub(truth).div(n); //       [n, C]
        const gradient = torch.cat([slope.t().mm(x).add(weight, { alpha: strength }), slope.sum([0]).unsqueeze(1)], 1);
        const value = fit.item<number>() + (strength / 2) * weight.square().sum().item<number>();
        return { value, gradient: gradient.flatten() };
      });
    const { ended } = torch.optim.lbfgs(objective, theta, { iterations: STEPS, tolerance: TOLERANCE });
    const table = theta.view([numClasses, d + 1]).clone();
    return {
      ...{ weight: table.narrow(1, 0, d), bias: table.select(1, d), strength },
      converged: ended !== 'iterations',
    };
  });
}
