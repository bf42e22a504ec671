/** @file The functions that everyone knows by name: operators reached without `ops`, and a few that PyTorch writes in Python. */
import type { DType } from './dtype.js';
import { TorchError } from './error.js';
import type { Ops } from './generated/ops.js';
import { ops } from './methods.js';
import type { Generator } from './random.js';
import type { Tensor } from './tensor.js';

/** The operator of this name; looked up when it is called, since libtorch is not loaded at import. */
function named<Name extends keyof Ops>(name: Name): Ops[Name] {
  const call = (...args: unknown[]) => (ops[name] as (...args: unknown[]) => unknown)(...args);
  return call as unknown as Ops[Name];
}

export const arange = named('arange');
export const cat = named('cat');
export const empty = named('empty');
export const full = named('full');
export const linspace = named('linspace');
export const logsumexp = named('logsumexp');
export const matmul = named('matmul');
export const ones = named('ones');
export const onesLike = named('onesLike');
export const stack = named('stack');
export const where = named('where');
export const zeros = named('zeros');
export const zerosLike = named('zerosLike');
export const softmax = named('softmax');
export const logSoftmax = named('logSoftmax');
export const relu = named('relu');
export const silu = named('silu');

interface RandomOptions {
  dtype?: DType;
  device?: string;
  generator?: Generator;
}

/** Standard normal numbers. */
export const randn = (shape: readonly number[], options: RandomOptions = {}): Tensor => ops.randn(shape, options);
/** Uniform numbers in [0, 1). */
export const rand = (shape: readonly number[], options: RandomOptions = {}): Tensor => ops.rand(shape, options);
/** Uniform integers in [low, high), int64 unless said otherwise. */
export const randint = (low: number, high: number, shape: readonly number[], options: RandomOptions = {}): Tensor =>
  ops.randint(low, high, shape, { dtype: 'int64', ...options });
/** A random order of 0 ... n-1, int64. */
export const randperm = (n: number, options: RandomOptions = {}): Tensor =>
  ops.randperm(n, { dtype: 'int64', ...options });

/** The identity matrix [n, n]. */
export const eye = (n: number, options: { dtype?: DType; device?: string } = {}): Tensor => ops.eye(n, options);

/** x divided by its p-norm along a dimension, the norm being at least eps. Source: torch.nn.functional.normalize. */
export function normalize(
  x: Tensor,
  { p = 2, dim = 1, eps = 1e-12 }: { p?: number; dim?: number; eps?: number } = {},
): Tensor {
  return x.div(x.norm(p, [dim], true).clampMin(eps).expandAs(x));
}

const REDUCTIONS = { none: 0, mean: 1, sum: 2 } as const;

/**
 * Cross entropy of logits [N, C] against classes [N] (int64) or probabilities [N, C].
 *
 * @throws TorchError ARGUMENT for labelSmoothing outside [0, 1]
 */
export function crossEntropy(
  logits: Tensor,
  target: Tensor,
  {
    labelSmoothing = 0,
    reduction = 'mean',
    weight = null,
  }: { labelSmoothing?: number; reduction?: keyof typeof REDUCTIONS; weight?: Tensor | null } = {},
): Tensor {
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new TorchError('ARGUMENT', `labelSmoothing must lie in [0, 1], got ${labelSmoothing}`);
  }
  return ops.crossEntropyLoss(logits, target, { weight, reduction: REDUCTIONS[reduction], labelSmoothing });
}
