/** @file Losses as functions. Source: torch/nn/functional.py, with its defaults; each is the mean over all elements unless said otherwise. */

import { ops } from '../dispatch/methods.js';
import { TorchError } from '../error.js';
import type { Tensor } from '../tensor.js';

export type Reduction = 'none' | 'mean' | 'sum';

export interface Reduced {
  reduction?: Reduction;
}

const CODES = { none: 0, mean: 1, sum: 2 } as const;

function codeOf(reduction: Reduction): number {
  if (Object.hasOwn(CODES, reduction)) return CODES[reduction];
  throw new TorchError('ARGUMENT', `a reduction is one of ${Object.keys(CODES).join(', ')}; got ${String(reduction)}`);
}

/** (x - y)^2 */
export const mseLoss = (x: Tensor, y: Tensor, { reduction = 'mean' }: Reduced = {}): Tensor =>
  ops.mseLoss(x, y, codeOf(reduction));

/** |x - y| */
export const l1Loss = (x: Tensor, y: Tensor, { reduction = 'mean' }: Reduced = {}): Tensor =>
  ops.l1Loss(x, y, codeOf(reduction));

/** Squares for errors below delta, delta times a line above. */
export const huberLoss = (
  x: Tensor,
  y: Tensor,
  { reduction = 'mean', delta = 1 }: Reduced & { delta?: number } = {},
): Tensor => ops.huberLoss(x, y, codeOf(reduction), delta);

/** Squares over beta for errors below beta, a line above. */
export const smoothL1Loss = (
  x: Tensor,
  y: Tensor,
  { reduction = 'mean', beta = 1 }: Reduced & { beta?: number } = {},
): Tensor => ops.smoothL1Loss(x, y, codeOf(reduction), beta);

export interface BCEOptions extends Reduced {
  weight?: Tensor | null;
}

/** Of probabilities. */
export const binaryCrossEntropy = (
  x: Tensor,
  y: Tensor,
  { reduction = 'mean', weight = null }: BCEOptions = {},
): Tensor => ops.binaryCrossEntropy(x, y, weight, codeOf(reduction));

/** Of logits, which loses no precision. @param posWeight how much positive targets weigh */
export const binaryCrossEntropyWithLogits = (
  x: Tensor,
  y: Tensor,
  { reduction = 'mean', weight = null, posWeight = null }: BCEOptions & { posWeight?: Tensor | null } = {},
): Tensor => ops.binaryCrossEntropyWithLogits(x, y, weight, posWeight, codeOf(reduction));

/** Of log-probabilities [N, C, ...] and classes [N, ...]. */
export const nllLoss = (
  x: Tensor,
  classes: Tensor,
  { reduction = 'mean', weight = null, ignoreIndex = -100 }: BCEOptions & { ignoreIndex?: number } = {},
): Tensor => ops.nllLossNd(x, classes, weight, codeOf(reduction), ignoreIndex);

/** Of log-probabilities against probabilities (or their logarithms). 'batchmean' is the divergence's definition; 'mean' is not. */
export function klDiv(
  x: Tensor,
  y: Tensor,
  { reduction = 'mean', logTarget = false }: { reduction?: Reduction | 'batchmean'; logTarget?: boolean } = {},
): Tensor {
  if (reduction !== 'batchmean') return ops.klDiv(x, y, codeOf(reduction), { logTarget });
  const sum = ops.klDiv(x, y, codeOf('sum'), { logTarget });
  return x.ndim === 0 ? sum : sum.div(x.shape[0]!);
}

/** 1 - cos for targets of 1, max(0, cos - margin) for -1. */
export const cosineEmbeddingLoss = (
  a: Tensor,
  b: Tensor,
  target: Tensor,
  { reduction = 'mean', margin = 0 }: Reduced & { margin?: number } = {},
): Tensor => ops.cosineEmbeddingLoss(a, b, target, margin, codeOf(reduction));

/** max(0, |a - p| - |a - n| + margin) */
export const tripletMarginLoss = (
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  { reduction = 'mean', margin = 1, p = 2, eps = 1e-6, swap = false }: TripletOptions = {},
): Tensor => ops.tripletMarginLoss(anchor, positive, negative, margin, p, eps, swap, codeOf(reduction));

export interface TripletOptions extends Reduced {
  margin?: number;
  /** Of the distance. */
  p?: number;
  eps?: number;
  /** Whether the positive may be taken for the anchor, where it is nearer to the negative. */
  swap?: boolean;
}
