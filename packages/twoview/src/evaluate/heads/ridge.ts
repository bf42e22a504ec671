/**
 * @file Classification by ridge regression on one column a class: fitted to a label more in the time of one small eigendecomposition, with
 * exact leave-one-out predictions, which choose strength and temperature.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { type Choice, chosenOf, curveOf } from './choose.js';
import { type Head, headOf, type Linear } from './head.js';
import { placesThatCount, requireClasses } from './labels.js';
import { ridgePath } from './ridge-path.js';
import { type Scale, scaled, scaleOf } from './scale.js';

export interface RidgeOptions {
  numClasses: number;
  /** Of all training images; of the labelled ones where it is left out. */
  scale?: Scale;
}

/** Multiples of |W|^2 beside the squared errors of scaled representations. */
export const RIDGE_STRENGTHS: readonly number[] = Array.from({ length: 17 }, (_, i) => 10 ** (-2 + i / 2));
/** Where no class has two labels, nothing can choose; measured on CIFAR-10, see docs/defaults.md. */
export const RIDGE_FALLBACK = 1e3;

/**
 * @param features [n, d] float32 of the labelled images
 * @param labels [n] int64
 * @throws TwoviewError LABELS_MISSING for labels of fewer than two classes
 */
export function ridgeHead(features: Tensor, labels: Tensor, { numClasses, scale: given }: RidgeOptions): Head {
  requireClasses(labels);
  const scale = given ?? scaleOf(features);
  try {
    return torch.scope(() => {
      const x = scaled(features, scale).to('float64');
      const y = torch.ops.oneHot(labels, numClasses).to('float64');
      const path = ridgePath(x, y);
      const choice = byLeavingOut(path.leftOut, labels) ?? withoutChoice(path.at(RIDGE_FALLBACK), x);
      return headOf(path.at(choice.strength), scale, choice);
    });
  } finally {
    if (given === undefined) scale[Symbol.dispose]();
  }
}

/** A label that is the only one of its class tells nothing when it is left out: no other could name it. */
function byLeavingOut(leftOut: (strength: number) => Tensor, labels: Tensor): Choice | null {
  const { places, single } = placesThatCount(labels.tolist());
  if (places.length === 0) return null;
  const index = torch.tensor(places, { dtype: 'int64', device: labels.device });
  const scores = torch.stack(RIDGE_STRENGTHS.map((strength) => leftOut(strength).indexSelect(0, index)));
  const without = single === 0 ? '' : `, but for ${single} that are alone in their class`;
  return chosenOf(curveOf(RIDGE_STRENGTHS, scores, labels.indexSelect(0, index)), `each label left out once${without}`);
}

/** Nothing says how sure to be either: scores of standard deviation 1. */
export function withoutChoice(
  { weight, bias }: Linear,
  x: Tensor,
  { strength = RIDGE_FALLBACK }: { strength?: number } = {},
): Choice {
  const spread = torch.scope(() => torch.ops.linear(x, weight, bias).std({ correction: 0 }).item<number>());
  return {
    ...{ strength, temperature: Math.max(spread, 1e-12), accuracy: null, curve: [] },
    by: 'no class has two labels: the strength is a default, and probabilities are not calibrated',
  };
}
