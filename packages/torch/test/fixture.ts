/** @file Tensors out of the JSON files in test/fixtures/nn, and the distance of two tensors. */
import { readFileSync } from 'node:fs';
import type { DType } from '../src/dtype.js';
import * as torch from '../src/index.js';

export interface Packed {
  dtype: DType;
  shape: number[];
  /** Row-major bytes in base64. */
  data: string;
}

export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`fixtures/nn/${name}`, import.meta.url), 'utf8')) as T;
}

const ARRAYS: Partial<
  Record<DType, typeof Float32Array | typeof Float64Array | typeof BigInt64Array | typeof Uint8Array>
> = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  bool: Uint8Array,
};

export function unpack({ dtype, shape, data }: Packed): torch.Tensor {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64')); // a copy, since a small Buffer may lie at an odd address
  return torch.tensor(new ARRAYS[dtype]!(bytes.buffer as ArrayBuffer), { shape, dtype });
}

/** The largest |a - b| / (1 + |b|), so that one tolerance serves small and large numbers; Infinity where shapes differ. */
export function distance(a: torch.Tensor, b: torch.Tensor | Packed): number {
  return torch.scope(() => {
    const other = b instanceof torch.Tensor ? b : unpack(b);
    if (String(a.shape) !== String(other.shape) || a.dtype !== other.dtype) return Number.POSITIVE_INFINITY;
    return apart(a.tolist(), other.tolist());
  });
}

/** The same for lists of numbers, of which `wanted` may be the shorter one. */
export function apart(values: readonly number[], wanted: readonly number[]): number {
  return wanted.reduce((worst, value, i) => {
    const gap = Math.abs(values[i]! - value) / (1 + Math.abs(value));
    return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(worst, gap);
  }, 0);
}
