/**
 * @file Tensors from JavaScript's values: numbers, nested lists, typed arrays. PyTorch's rules for Python's types, applied to
 * JavaScript's: a number is a float (float32), a BigInt an integer (int64), a boolean a bool. Whether a number happens to be whole
 * decides nothing, so that the dtype never depends on the data.
 */
import { type BytesLike, dtypeOf, fromTypedArray, isArrayLike, typed } from './bytes.js';
import { fill, type Leaf } from './dispatch/convert.js';
import { ops } from './dispatch/methods.js';
import type { DType } from './dtype.js';
import { TorchError } from './error.js';
import { scope } from './scope.js';
import type { Tensor } from './tensor.js';

export type Nested = number | boolean | bigint | BytesLike | readonly Nested[];

export interface TensorOptions {
  dtype?: DType;
  device?: string;
  requiresGrad?: boolean;
}

/** libtorch has 64. */
const MOST_DIMENSIONS = 64;

/**
 * A new tensor with a copy of the data. Without a dtype, numbers become float32, BigInts int64, booleans bool, a mixture the
 * widest of these, and a typed array keeps its own type.
 *
 * @param data a number, nested lists of equal lengths, or a typed array
 * @param options shape is for typed arrays alone (by default one dimension)
 * @throws TorchError ARGUMENT for ragged lists, what is no number, and numbers that the dtype cannot hold
 */
export function tensor(data: Nested, options: TensorOptions & { shape?: readonly number[] } = {}): Tensor {
  const made = scope(() => {
    const raw = isArrayLike(data) ? fromView(data, options) : fromNested(data, options.dtype);
    const wanted = options.dtype;
    const cast = wanted !== undefined && raw.dtype !== wanted ? raw.to(wanted) : raw;
    return options.device === undefined || options.device === 'cpu' ? cast : cast.to(options.device);
  });
  if (options.requiresGrad) made.requiresGrad = true;
  return made;
}

function fromView(given: BytesLike, { shape, dtype }: { shape?: readonly number[]; dtype?: DType }): Tensor {
  const data = typed(given);
  const own = dtypeOf(data);
  const bits = own === 'uint16' && (dtype === 'float16' || dtype === 'bfloat16');
  const flags = own === 'uint8' && dtype === 'bool';
  return fromTypedArray(data, shape ?? [data.length], bits || flags ? dtype! : own);
}

/** A shape filled with one number, whose dtype follows the same rules. */
export function full(
  shape: readonly number[],
  value: number | boolean | bigint,
  options: { dtype?: DType; device?: string; requiresGrad?: boolean } = {},
): Tensor {
  const { requiresGrad = false, ...rest } = options;
  const made = ops.full(shape, value, { ...rest, dtype: rest.dtype ?? dtypeOfLeaf(value) });
  if (requiresGrad) made.requiresGrad = true;
  return made;
}

const dtypeOfLeaf = (value: unknown): DType =>
  typeof value === 'bigint' ? 'int64' : typeof value === 'boolean' ? 'bool' : 'float32';

function fromNested(data: Nested, wanted: DType | undefined): Tensor {
  const shape = shapeOf(data);
  const flat: Leaf[] = [];
  const collect = (level: Nested, depth: number): void => {
    if (depth === shape.length) {
      flat.push(requireLeaf(level));
      return;
    }
    const list = isList(level) ? listOf(level) : ragged();
    if (list.length !== shape[depth]) ragged();
    for (const item of list) collect(item, depth + 1);
  };
  collect(data, 0);
  const kinds = new Set(flat.map(dtypeOfLeaf));
  const natural = (['float32', 'int64', 'bool'] as const).find((dtype) => kinds.has(dtype)) ?? 'float32';
  const { array, dtype } = fill(flat, wanted ?? natural);
  return fromTypedArray(array, shape, dtype);
}

const isList = (value: unknown): value is readonly Nested[] | BytesLike => Array.isArray(value) || isArrayLike(value);

const listOf = (level: readonly Nested[] | BytesLike): readonly Nested[] =>
  isArrayLike(level) ? (typed(level) as unknown as readonly Nested[]) : level;

function shapeOf(data: Nested): number[] {
  const shape: number[] = [];
  for (let level: Nested = data; isList(level); level = listOf(level)[0]!) {
    shape.push(listOf(level).length);
    if (shape.length > MOST_DIMENSIONS)
      throw new TorchError(
        'ARGUMENT',
        `a tensor has at most ${MOST_DIMENSIONS} dimensions; these lists are nested deeper`,
      );
    if (shape.at(-1) === 0) break;
  }
  return shape;
}

function requireLeaf(value: unknown): Leaf {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  if (isList(value)) return ragged();
  const isTensor = typeof value === 'object' && value !== null && 'idOf' in value.constructor;
  throw new TorchError('ARGUMENT', `the elements of a tensor are numbers, BigInts and booleans; got ${nameOf(value)}`, {
    next: isTensor ? ['torch.stack([a, b])  makes one tensor of several'] : ['convert it first, as in Number(text)'],
  });
}

const nameOf = (value: unknown): string =>
  value === null || value === undefined
    ? String(value)
    : typeof value === 'object'
      ? value.constructor.name
      : typeof value;

function ragged(): never {
  throw new TorchError('ARGUMENT', 'nested lists must have the same lengths everywhere', {
    next: ['pad them, or give a typed array and a shape'],
  });
}
