/**
 * @file Linear probe: a linear classifier on frozen representations, trained on all of them at once.
 * Source: Chen et al. 2020, arXiv 2002.05709, appendix B.6 (they use L-BFGS on features without augmentation).
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

export interface ProbeOptions {
  numClasses: number;
  /** Factor of the squared weights in the loss; the bias is free. */
  l2: number;
  iterations: number;
}

const LEARNING_RATE = 0.05;

export interface LinearProbe {
  /** @param features [N, d] @returns logits [N, numClasses] */
  logits(features: Tensor): Tensor;
  loss: number;
  dispose(): void;
}

/**
 * @param features [N, d] float32; every column is brought to mean 0 and standard deviation 1 first
 * @param labels [N] int64
 */
export function trainProbe(
  features: Tensor,
  labels: Tensor,
  { numClasses, l2, iterations }: ProbeOptions,
): LinearProbe {
  const d = features.shape[1]!;
  const mean = features.mean([0]);
  const scale = torch.scope(() =>
    features
      .std({ dim: [0] })
      .clampMin(1e-6)
      .reciprocal(),
  );
  const standard = (x: Tensor) => x.sub(mean).mul_(scale);
  using x = torch.scope(() => standard(features));
  const weight = torch.zeros([numClasses, d], { device: features.device }).requiresGrad_();
  const bias = torch.zeros([numClasses], { device: features.device }).requiresGrad_();
  const optimizer = new torch.optim.Adam(
    [
      {
        parameters: [
          ['weight', weight],
          ['bias', bias],
        ],
      },
    ],
    { lr: LEARNING_RATE },
  );
  const schedule = torch.optim.cosineWithWarmup({ base: LEARNING_RATE, warmupSteps: 0, totalSteps: iterations });
  let loss = Number.NaN;
  for (let step = 0; step < iterations; step++) {
    optimizer.lr = schedule(step);
    loss = torch.scope(() => {
      const fit = torch.crossEntropy(torch.ops.linear(x, weight, bias), labels);
      const value = fit.add(
        weight
          .square()
          .sum()
          .mul(l2 / 2),
      );
      value.backward();
      return value.item();
    });
    optimizer.step();
    optimizer.zeroGrad();
  }
  optimizer.dispose();
  return {
    loss,
    logits: (y) => torch.scope(() => torch.noGrad(() => torch.ops.linear(standard(y), weight, bias))),
    dispose() {
      for (const tensor of [mean, scale, weight, bias]) tensor.dispose();
    },
  };
}
