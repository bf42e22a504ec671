/**
 * @file Representations with mean 0 and standard deviation 1 in every number, by all training images: a few labelled ones would say too
 * little of either. A linear classifier on these is one on representations as they are, so that it can be kept as a network's last layer.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

export interface Scale extends Disposable {
  /** [d] */
  mean: Tensor;
  /** [d] one over the standard deviation. */
  factor: Tensor;
}

/** @param features [N, d] float32, labelled or not */
export function scaleOf(features: Tensor): Scale {
  const { mean, factor } = torch.scope(() => ({
    mean: features.mean([0]),
    factor: features
      .std({ dim: [0], correction: 0 })
      .clampMin(1e-6)
      .reciprocal(),
  }));
  return {
    ...{ mean, factor },
    [Symbol.dispose]() {
      mean.dispose();
      factor.dispose();
    },
  };
}

/** @param features [N, d] @returns [N, d] */
export const scaled = (features: Tensor, { mean, factor }: Scale): Tensor =>
  torch.scope(() => features.sub(mean).mul_(factor));
