/** @file Between JavaScript's arrays and tensors, in one copy each way. */
import { type DType, dtypeCode } from './dtype.js';
import { TorchError } from './error.js';
import { guarded, native } from './native.js';
import { Tensor } from './tensor.js';

export type TypedArray =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** How each dtype looks in JavaScript; half and bfloat16 come as their bits. */
const ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  bool: Uint8Array,
  bfloat16: Uint16Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float8_e5m2: Uint8Array,
  float8_e4m3fn: Uint8Array,
} as const;

function arrayType(dtype: DType) {
  if (dtype in ARRAYS) return ARRAYS[dtype as keyof typeof ARRAYS];
  throw new TorchError('ARGUMENT', `${dtype} has no typed array in JavaScript`, {
    next: ['torch.ops.viewAsReal(x)  gives its parts'],
  });
}

/** The dtype that a typed array has by itself. */
export function dtypeOf(array: TypedArray): DType {
  const entry = (Object.keys(ARRAYS) as (keyof typeof ARRAYS)[]).find(
    (dtype) => dtype !== 'float16' && ARRAYS[dtype] === array.constructor,
  );
  if (entry === undefined || entry === 'bfloat16') return array instanceof Uint16Array ? 'uint16' : unknownArray(array);
  return entry;
}

function unknownArray(array: object): never {
  throw new TorchError('ARGUMENT', `${array.constructor.name} is not an array that a tensor can be made of`);
}

/** @param array row-major elements, or for half and bfloat16 their bits @throws TorchError ARGUMENT when sizes disagree */
export function fromTypedArray(array: TypedArray, shape: readonly number[], dtype: DType): Tensor {
  if (arrayType(dtype).BYTES_PER_ELEMENT !== array.BYTES_PER_ELEMENT) {
    throw new TorchError('ARGUMENT', `a ${array.constructor.name} does not hold ${dtype}`, {
      next: [`give a ${arrayType(dtype).name}, or convert afterwards with .to('${dtype}')`],
    });
  }
  return Tensor.fromId(guarded('tensor', () => native().fromBytes(array, shape, dtypeCode(dtype))))!;
}

/** A copy of the elements in row-major order. A GPU is waited for. */
export function toTypedArray(tensor: Tensor): TypedArray {
  const array = new (arrayType(tensor.dtype))(tensor.numel());
  guarded('toTypedArray', () => native().toBytes(Tensor.idOf(tensor), array));
  return array;
}
