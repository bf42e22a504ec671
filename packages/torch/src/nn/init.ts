/** @file Initialisation in place. Source: torch/nn/init.py. */
import { noGrad } from '../autograd.js';
import { full } from '../creation.js';
import type { Generator } from '../random.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';

interface Options {
  generator?: Generator | undefined;
}

/** Inputs and outputs of one unit: [out, in, ...kernel] weights. */
export function fans(weight: Tensor): { in: number; out: number } {
  const kernel = weight.shape.slice(2).reduce((a, b) => a * b, 1);
  return { in: weight.shape[1]! * kernel, out: weight.shape[0]! * kernel };
}

let skipping = false;

/**
 * Layers that `body` makes are left as the memory was: for a network that gets its weights from elsewhere, or of which only
 * the shapes matter. Source: torch.nn.utils.skip_init.
 */
export function leftOut<T>(body: () => T): T {
  const before = skipping;
  skipping = true;
  try {
    return body();
  } finally {
    skipping = before;
  }
}

function inPlace(tensor: Tensor, fill: () => unknown): Tensor {
  if (skipping) return tensor;
  scope(() => noGrad(() => void fill()));
  return tensor;
}

export function normal(tensor: Tensor, mean: number, std: number, { generator }: Options = {}): Tensor {
  return inPlace(tensor, () => tensor.normal_({ mean, std, generator: generator ?? null }));
}

export function uniform(tensor: Tensor, low: number, high: number, { generator }: Options = {}): Tensor {
  return inPlace(tensor, () => tensor.uniform_({ from: low, to: high, generator: generator ?? null }));
}

export function constant(tensor: Tensor, value: number): Tensor {
  return inPlace(tensor, () => tensor.fill_(value));
}

/** N(0, 2 / fan): He et al. 2015, arXiv 1502.01852, for ReLU networks. */
export function kaimingNormal(
  weight: Tensor,
  { mode = 'in', generator }: Options & { mode?: 'in' | 'out' } = {},
): Tensor {
  return normal(weight, 0, Math.sqrt(2 / fans(weight)[mode]), { generator });
}

/** N(0, std^2) within two numbers, as a ViT's weights begin. */
export function truncNormal(
  tensor: Tensor,
  {
    mean = 0,
    std = 1,
    low = -2,
    high = 2,
    generator,
  }: Options & { mean?: number; std?: number; low?: number; high?: number } = {},
): Tensor {
  return inPlace(tensor, () => {
    // By the inverse of the distribution function, as PyTorch does.
    const share = (z: number) => (1 + erf(z / Math.SQRT2)) / 2;
    const [from, to] = [2 * share((low - mean) / std) - 1, 2 * share((high - mean) / std) - 1];
    tensor.uniform_({ from, to, generator: generator ?? null });
    return tensor
      .erfinv_()
      .mul_(std * Math.SQRT2)
      .add_(mean)
      .clamp_(low, high);
  });
}

const erf = (z: number): number => scope(() => full([], z, { dtype: 'float64' }).erf().item());

/** Glorot and Bengio 2010: U(-b, b) with b = gain * sqrt(6 / (fan in + fan out)). */
export function xavierUniform(weight: Tensor, { gain = 1, generator }: Options & { gain?: number } = {}): Tensor {
  const { in: inputs, out } = fans(weight);
  const bound = gain * Math.sqrt(6 / (inputs + out));
  return uniform(weight, -bound, bound, { generator });
}

/** Glorot and Bengio 2010: N(0, gain^2 * 2 / (fan in + fan out)). */
export function xavierNormal(weight: Tensor, { gain = 1, generator }: Options & { gain?: number } = {}): Tensor {
  const { in: inputs, out } = fans(weight);
  return normal(weight, 0, gain * Math.sqrt(2 / (inputs + out)), { generator });
}

/** PyTorch's default for convolutions and linear layers: kaiming_uniform_ with a = sqrt(5), which is U(-1/sqrt(fan in), ...). */
export function defaultUniform(tensor: Tensor, fanIn: number, { generator }: Options = {}): Tensor {
  const bound = 1 / Math.sqrt(fanIn);
  return uniform(tensor, -bound, bound, { generator });
}
