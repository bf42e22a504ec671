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

/** Typed arrays of every kind, subclasses (Buffer) and those over shared memory included, and bare memory. */
export type BytesLike = TypedArray | Uint8ClampedArray | ArrayBuffer | SharedArrayBuffer;

const isMemory = (value: unknown): value is ArrayBuffer | SharedArrayBuffer =>
  value instanceof ArrayBuffer || (typeof SharedArrayBuffer !== 'undefined' && value instanceof SharedArrayBuffer);

export const isArrayLike = (value: unknown): value is BytesLike => ArrayBuffer.isView(value) || isMemory(value);

/** As a plain typed array over memory of this thread alone, which the addon can read. */
export function typed(given: BytesLike): TypedArray {
  const view = isMemory(given) ? new Uint8Array(given) : given;
  const array = view instanceof Uint8ClampedArray ? new Uint8Array(view.buffer, view.byteOffset, view.length) : view;
  if (array instanceof DataView || array.buffer instanceof ArrayBuffer) return array;
  return array.slice();
}

/** Its class, whatever subclass it is of: `Float32Array`. */
const kindOf = (array: object): string =>
  Reflect.get(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag, array) ?? array.constructor.name;

/** The dtype that a typed array has by itself. */
export function dtypeOf(array: TypedArray): DType {
  const kind = kindOf(array);
  if (kind === 'Float16Array') return 'float16'; // of Node 24 and newer
  const entry = Object.entries(ARRAYS).find(([dtype, type]) => !dtype.includes('float16') && type.name === kind);
  if (entry !== undefined) return entry[0] as DType;
  throw new TorchError('ARGUMENT', `${kind} is not an array that a tensor can be made of`, {
    next: ['give a typed array, as in new Uint8Array(view.buffer)'],
  });
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
