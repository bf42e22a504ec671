/** @file What stands under `torch.nn.functional`: layers and losses as functions, with PyTorch's arguments and defaults. */
import { ops } from '../dispatch/methods.js';
import type { Tensor } from '../tensor.js';

export { crossEntropy, normalize } from '../dispatch/functions.js';
export {
  elu,
  gelu,
  glu,
  hardswish,
  leakyRelu,
  linear,
  logSoftmax,
  mish,
  oneHot,
  pad,
  relu,
  scaledDotProductAttention,
  sigmoid,
  silu,
  softmax,
  softplus,
  tanh,
} from '../generated/functions.js';
export { type InterpolateOptions, interpolate } from './interpolate.js';
export * from './losses.js';

/** Rows of a table; the table comes second, as in PyTorch. */
export const embedding = (indices: Tensor, weight: Tensor, { paddingIdx = -1 }: { paddingIdx?: number } = {}): Tensor =>
  ops.embedding(weight, indices, paddingIdx);

export const dropout = (x: Tensor, { p = 0.5, training = true }: { p?: number; training?: boolean } = {}): Tensor =>
  x.dropout(p, training);

export const layerNorm = (
  x: Tensor,
  shape: readonly number[],
  { weight = null, bias = null, eps = 1e-5 }: { weight?: Tensor | null; bias?: Tensor | null; eps?: number } = {},
): Tensor => ops.layerNorm(x, shape, weight, bias, eps);

export const cosineSimilarity = (
  a: Tensor,
  b: Tensor,
  { dim = 1, eps = 1e-8 }: { dim?: number; eps?: number } = {},
): Tensor => ops.cosineSimilarity(a, b, dim, eps);
