/**
 * @file What the ridge head says of each labelled image when that one was left out: exactly what fitting it again without the image would
 * give, for the price of one fit (ridge-path.ts). Strength and temperature, two numbers, are those chosen by all labels.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { requireClasses } from './labels.js';
import { type RidgeOptions, ridgeFit } from './ridge.js';
import { scaled, scaleOf } from './scale.js';

/**
 * @param features [n, d] float32 of the labelled images
 * @param labels [n] int64
 * @returns [n, C] float64, each row a distribution by the other n - 1 images; the intercept keeps the share of all n, as in ridge-path.ts
 * @throws TwoviewError LABELS_MISSING for labels of fewer than two classes
 */
export function leftOutProbabilities(
  features: Tensor,
  labels: Tensor,
  { numClasses, scale: given }: RidgeOptions,
): Tensor {
  requireClasses(labels);
  const scale = given ?? scaleOf(features);
  try {
    return torch.scope(() => {
      const { path, choice, size } = ridgeFit(scaled(features, scale), labels, numClasses);
      return torch.softmax(path.leftOut(choice.strength * size).div(choice.temperature), 1);
    });
  } finally {
    if (given === undefined) scale[Symbol.dispose]();
  }
}
