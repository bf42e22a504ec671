/** @file JavaScript's numbers to the elements of a dtype, refused where they do not fit. Source: torch/csrc/utils/tensor_new.cpp. */
import type { TypedArray } from '../bytes.js';
import type { DType } from '../dtype.js';
import { TorchError } from '../error.js';

export type Leaf = number | boolean | bigint;

const INTEGERS = {
  uint8: { array: Uint8Array, bits: 8, signed: false },
  int8: { array: Int8Array, bits: 8, signed: true },
  int16: { array: Int16Array, bits: 16, signed: true },
  uint16: { array: Uint16Array, bits: 16, signed: false },
  int32: { array: Int32Array, bits: 32, signed: true },
  uint32: { array: Uint32Array, bits: 32, signed: false },
  int64: { array: BigInt64Array, bits: 64, signed: true },
  uint64: { array: BigUint64Array, bits: 64, signed: false },
} as const;

/** @returns the elements, and the dtype that they have now: half precision and complex ones are converted by libtorch afterwards */
export function fill(values: readonly Leaf[], dtype: DType): { array: TypedArray; dtype: DType } {
  if (dtype === 'bool') return { array: Uint8Array.from(values, (value) => (Number(value) !== 0 ? 1 : 0)), dtype };
  if (dtype in INTEGERS) return { array: integers(values, dtype as keyof typeof INTEGERS), dtype };
  if (dtype === 'float32') return { array: Float32Array.from(values, Number), dtype };
  return { array: Float64Array.from(values, Number), dtype: 'float64' };
}

function integers(values: readonly Leaf[], dtype: keyof typeof INTEGERS): TypedArray {
  const { array, bits, signed } = INTEGERS[dtype];
  const most = 2n ** BigInt(signed ? bits - 1 : bits) - 1n;
  const least = signed ? -most - 1n : 0n;
  const [high, low] = [Number(most), Number(least)];
  const out = new array(values.length);
  values.forEach((value, i) => {
    // As in Python: what stands behind the point is dropped.
    const whole = typeof value === 'bigint' ? value : Math.trunc(Number(value));
    const fits = typeof whole === 'bigint' ? whole >= least && whole <= most : whole >= low && whole <= high;
    // 2^63 itself is a number, and one too many.
    if (!fits || (bits === 64 && whole === high)) refuse(value, dtype);
    out[i] = (bits === 64 ? BigInt(whole) : Number(whole)) as never;
  });
  return out;
}

function refuse(value: Leaf, dtype: DType): never {
  throw new TorchError('ARGUMENT', `${String(value)} cannot be converted to ${dtype}`, {
    next: ['give another dtype, or bring the numbers into its range first'],
  });
}
