/** @file The functions that everyone knows by name: operators reached without `ops`, and a few that PyTorch writes in Python. */
import type { DType, MemoryFormat } from '../dtype.js';
import { TorchError } from '../error.js';
import type { Generator } from '../random.js';
import { Tensor } from '../tensor.js';
import { ops } from './methods.js';

/** Sizes one by one or as a list, with options behind: `torch.zeros(2, 3)`, `torch.zeros([2, 3], { dtype: 'int64' })`. */
export interface Creation<Options> {
  (shape: readonly number[], options?: Options): Tensor;
  (...shape: readonly number[]): Tensor;
}

interface PlainOptions {
  dtype?: DType;
  device?: string;
  requiresGrad?: boolean;
}

function creation<Options extends PlainOptions>(
  name: 'empty' | 'ones' | 'zeros' | 'rand' | 'randn',
): Creation<Options> {
  return (...given: readonly unknown[]) => {
    const [first, second] = given;
    const spread = !Array.isArray(first) && !(typeof first === 'object' && first !== null);
    const { requiresGrad = false, ...options } = (spread ? {} : (second ?? {})) as PlainOptions;
    const made = ops[name]((spread ? given : first) as readonly number[], options);
    if (requiresGrad) made.requiresGrad = true;
    return made;
  };
}

export const empty = creation<PlainOptions & { memoryFormat?: MemoryFormat }>('empty');
export const ones = creation<PlainOptions>('ones');
export const zeros = creation<PlainOptions>('zeros');

interface RandomOptions extends PlainOptions {
  generator?: Generator;
}

/** Standard normal numbers. */
export const randn = creation<RandomOptions>('randn');
/** Uniform numbers in [0, 1). */
export const rand = creation<RandomOptions>('rand');
/** Uniform integers in [low, high), int64 unless said otherwise. */
export const randint = (low: number, high: number, shape: readonly number[], options: RandomOptions = {}): Tensor =>
  ops.randint(low, high, shape, { dtype: 'int64', ...options });
/** A random order of 0 ... n-1, int64. */
export const randperm = (n: number, options: RandomOptions = {}): Tensor =>
  ops.randperm(n, { dtype: 'int64', ...options });

/** Sums of products by Einstein's notation: `torch.einsum('bij,bjk->bik', a, b)`. */
export const einsum = (equation: string, ...operands: readonly Tensor[] | [readonly Tensor[]]): Tensor =>
  ops.einsum(equation, Array.isArray(operands[0]) ? operands[0] : (operands as readonly Tensor[]));

export const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

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
