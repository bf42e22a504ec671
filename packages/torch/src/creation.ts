/** @file Tensors from JavaScript's values: numbers, nested lists, typed arrays. */
import { dtypeOf, fromTypedArray, type TypedArray } from './bytes.js';
import type { DType } from './dtype.js';
import { TorchError } from './error.js';
import { scope } from './scope.js';
import type { Tensor } from './tensor.js';

export type Nested = number | boolean | Nested[];

export interface TensorOptions {
  dtype?: DType;
  device?: string;
  requiresGrad?: boolean;
}

/**
 * A new tensor with a copy of the data. Without a dtype, numbers become float32 (int64 when asked for, never by chance),
 * booleans bool, and a typed array keeps its own type.
 *
 * @param data a number, nested lists of equal lengths, or a typed array
 * @param options shape is for typed arrays alone (by default one dimension)
 * @throws TorchError ARGUMENT for ragged lists
 */
export function tensor(data: Nested | TypedArray, options: TensorOptions & { shape?: readonly number[] } = {}): Tensor {
  const made = scope(() => {
    const raw = ArrayBuffer.isView(data) ? fromView(data, options) : fromNested(data, options.dtype);
    const wanted = options.dtype;
    const cast = wanted !== undefined && raw.dtype !== wanted ? raw.to(wanted) : raw;
    return options.device === undefined || options.device === 'cpu' ? cast : cast.to(options.device);
  });
  if (options.requiresGrad) made.requiresGrad = true;
  return made;
}

function fromView(
  data: TypedArray,
  { shape = [data.length], dtype }: { shape?: readonly number[]; dtype?: DType },
): Tensor {
  const bits = data instanceof Uint16Array && (dtype === 'float16' || dtype === 'bfloat16');
  const own = bits || (data instanceof Uint8Array && dtype === 'bool') ? dtype! : dtypeOf(data);
  return fromTypedArray(data, shape, own);
}

function fromNested(data: Nested, dtype: DType | undefined): Tensor {
  const shape: number[] = [];
  for (let level: Nested = data; Array.isArray(level); level = level[0]!) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const flat: (number | boolean)[] = [];
  const collect = (level: Nested, depth: number): void => {
    if (!Array.isArray(level)) {
      if (depth !== shape.length) ragged();
      flat.push(level);
      return;
    }
    if (level.length !== shape[depth]) ragged();
    for (const item of level) collect(item, depth + 1);
  };
  collect(data, 0);
  if (flat.length > 0 && flat.every((value) => typeof value === 'boolean')) {
    return fromTypedArray(Uint8Array.from(flat, Number), shape, 'bool');
  }
  if (dtype === 'int64')
    return fromTypedArray(
      BigInt64Array.from(flat, (value) => BigInt(value)),
      shape,
      'int64',
    );
  const exact = dtype !== undefined && dtype !== 'float32'; // float64 holds every other value on its way
  return exact
    ? fromTypedArray(Float64Array.from(flat, Number), shape, 'float64')
    : fromTypedArray(Float32Array.from(flat, Number), shape, 'float32');
}

function ragged(): never {
  throw new TorchError('ARGUMENT', 'nested lists must have the same lengths everywhere', {
    next: ['pad them, or give a typed array and a shape'],
  });
}
