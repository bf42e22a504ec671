/**
 * @file Classification by ridge regression on one column a class: fitted to a label more in the time of one small eigendecomposition, with
 * exact leave-one-out predictions, which choose strength and temperature. Labels count as the shares of their classes are guessed to be
 * (class-shares.ts): of a few random labels most of the imbalance is chance.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { type Choice, choose } from './choose.js';
import { labelWeights } from './class-shares.js';
import { type Head, headOf, type Linear } from './head.js';
import { placesTensor, placesThatCount, requireClasses } from './labels.js';
import { type RidgePath, ridgePath } from './ridge-path.js';
import { type Scale, scaled, scaleOf } from './scale.js';

export interface RidgeOptions {
  numClasses: number;
  /** Of all training images; of the labelled ones where it is left out. */
  scale?: Scale;
}

/** For numbers of variance 1, as multiples of how many a representation has, which is its mean squared length. */
export const RIDGE_STRENGTHS: readonly number[] = Array.from({ length: 13 }, (_, i) => 10 ** (-2 + i / 2));
/** Where no class has two labels, nothing can choose; measured on CIFAR-10, see docs/defaults.md. */
export const RIDGE_FALLBACK = 10 ** 0.5;

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
      const { path, choice, size } = ridgeFit(scaled(features, scale), labels, numClasses);
      return headOf(path.at(choice.strength * size), scale, choice);
    });
  } finally {
    if (given === undefined) scale[Symbol.dispose]();
  }
}

export interface RidgeFit {
  path: RidgePath;
  choice: Choice;
  /** Numbers of a representation, by which strengths are multiplied. */
  size: number;
}

/** Its tensors belong to the scope around it. @param features [n, d] scaled */
export function ridgeFit(features: Tensor, labels: Tensor, numClasses: number): RidgeFit {
  const x = features.to('float64');
  const weights = labelWeights(labels.tolist());
  const w = torch.tensor(weights, { dtype: 'float64', device: x.device });
  const path = ridgePath(x, torch.ops.oneHot(labels, numClasses).to('float64'), w);
  const size = x.shape[1]!;
  const choice =
    byLeavingOut((strength) => path.leftOut(strength * size), labels, weights) ??
    withoutChoice(path.at(RIDGE_FALLBACK * size), x, RIDGE_FALLBACK);
  return { path, choice, size };
}

/** A label that is the only one of its class tells nothing when it is left out: no other could name it. */
function byLeavingOut(
  leftOut: (strength: number) => Tensor,
  labels: Tensor,
  weights: readonly number[],
): Choice | null {
  const { places, single } = placesThatCount(labels.tolist());
  if (places.length === 0) return null;
  const index = placesTensor(places, labels);
  const scores = torch.stack(RIDGE_STRENGTHS.map((strength) => leftOut(strength).indexSelect(0, index)));
  const without = single === 0 ? '' : `, but for ${single} that are alone in their class`;
  return choose({
    ...{ strengths: RIDGE_STRENGTHS, scores, labels: labels.indexSelect(0, index), fitting: 'squared error' },
    weights: places.map((place) => weights[place]!),
    by: `each label left out once${without}`,
  });
}

/** Nothing says how sure to be either: scores of standard deviation 1. */
export function withoutChoice({ weight, bias }: Linear, x: Tensor, strength: number): Choice {
  const spread = torch.scope(() => torch.ops.linear(x, weight, bias).std({ correction: 0 }).item<number>());
  return {
    ...{ strength, temperature: Math.max(spread, 1e-12), accuracy: null, curve: [] },
    by: 'no class has two labels: the strength is a default, and probabilities are not calibrated',
  };
}
