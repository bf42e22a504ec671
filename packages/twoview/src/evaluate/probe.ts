/**
 * @file Linear probe: a linear classifier on frozen representations, trained on all of them at once.
 * Source: Chen et al. 2020, arXiv 2002.05709, appendix B.6 (L-BFGS on features without augmentation).
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

export interface ProbeOptions {
  numClasses: number;
  /** Factor of the squared weights in the loss; the bias is free. */
  l2: number;
  /** Steps of L-BFGS, at most. */
  iterations: number;
}

export interface LinearProbe {
  /** @param features [N, d] @returns logits [N, numClasses] */
  logits(features: Tensor): Tensor;
  loss: number;
  steps: number;
  /** Whether the minimum was reached before the steps ran out. */
  converged: boolean;
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
  const theta = torch.zeros([numClasses * (d + 1)], { device: features.device });
  const partsOf = (vector: Tensor) =>
    torch.scope(() => ({
      weight: vector.narrow(0, 0, numClasses * d).reshape([numClasses, d]),
      bias: vector.narrow(0, numClasses * d, numClasses),
    }));
  const objective = (at: Tensor) => {
    const leaf = at.detach().requiresGrad_();
    const value = torch.scope(() => {
      const { weight, bias } = partsOf(leaf);
      const decay = weight
        .square()
        .sum()
        .mul(l2 / 2);
      const loss = torch.crossEntropy(torch.ops.linear(x, weight, bias), labels).add(decay);
      loss.backward();
      return loss.item();
    });
    return { value, gradient: leaf.grad! };
  };
  const found = torch.optim.lbfgs(objective, theta, { iterations });
  const { weight, bias } = partsOf(theta);
  return {
    loss: found.value,
    steps: found.iterations,
    converged: found.ended !== 'iterations',
    logits: (y) => torch.scope(() => torch.noGrad(() => torch.ops.linear(standard(y), weight, bias))),
    dispose() {
      for (const tensor of [mean, scale, theta, weight, bias]) tensor.dispose();
    },
  };
}
