/** @file What is left of a numpy array or dtype that came out of a pickle: enough for plain numbers, nothing else. */
import { setState } from './pickle-machine.js';

/** numpy's letters without the byte order. */
const DTYPES: Record<string, { name: string; size: number }> = {
  b1: { name: 'bool', size: 1 },
  u1: { name: 'uint8', size: 1 },
  i1: { name: 'int8', size: 1 },
  u2: { name: 'uint16', size: 2 },
  i2: { name: 'int16', size: 2 },
  u4: { name: 'uint32', size: 4 },
  i4: { name: 'int32', size: 4 },
  u8: { name: 'uint64', size: 8 },
  i8: { name: 'int64', size: 8 },
  f2: { name: 'float16', size: 2 },
  f4: { name: 'float32', size: 4 },
  f8: { name: 'float64', size: 8 },
};

export class NumpyDtype {
  readonly name: string;
  readonly size: number;
  bigEndian = false;

  constructor(letters: unknown) {
    const found = DTYPES[String(letters)];
    if (found === undefined) throw new Error(`numpy's dtype ${String(letters)} is no plain number`);
    this.name = found.name;
    this.size = found.size;
  }

  /** (version, byte order, subarray, names, fields, ...) */
  [setState](state: unknown): void {
    if (!Array.isArray(state) || state[2] !== null || state[3] !== null) throw new Error('a structured numpy dtype');
    this.bigEndian = text(state[1]) === '>';
  }
}

/** Little-endian, row-major; `data` may be shared with the pickle's bytes. */
export class NumpyArray {
  dtype = 'uint8';
  shape: number[] = [0];
  data: Uint8Array = new Uint8Array(0);

  static from(shape: unknown, dtype: unknown, fortran: boolean, raw: Uint8Array): NumpyArray {
    if (!(dtype instanceof NumpyDtype)) throw new Error('a numpy array without a dtype');
    if (!Array.isArray(shape) || shape.length > 64 || !shape.every((d) => Number.isSafeInteger(d) && d >= 0))
      throw new Error('a numpy shape');
    const want = shape.reduce<number>((product, d: number) => product * d, dtype.size);
    if (want !== raw.length) throw new Error(`a numpy array of [${shape}] ${dtype.name} with ${raw.length} bytes`);
    const array = new NumpyArray();
    array.dtype = dtype.name;
    array.shape = [...(shape as number[])];
    const native = dtype.bigEndian ? swapped(raw, dtype.size) : raw;
    array.data = fortran && shape.length > 1 ? rowMajor(native, array.shape, dtype.size) : native;
    return array;
  }

  /** (version, shape, dtype, column-major, bytes) */
  [setState](state: unknown): void {
    if (!Array.isArray(state)) throw new Error('a numpy array without a state');
    const [, shape, dtype, fortran, raw] = state;
    Object.assign(this, NumpyArray.from(shape, dtype, Boolean(fortran), bytes(raw)));
  }
}

export function text(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
}

/** Python 2 stored bytes as text. */
export function bytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return new Uint8Array(Buffer.from(value, 'latin1'));
  throw new Error('a numpy array of Python objects');
}

function swapped(raw: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) out[i] = raw[i - (i % size) + size - 1 - (i % size)]!;
  return out;
}

function rowMajor(raw: Uint8Array, shape: number[], size: number): Uint8Array {
  const out = new Uint8Array(raw.length);
  const index = shape.map(() => 0);
  for (let to = 0; to < raw.length; to += size) {
    let from = 0;
    for (let d = shape.length - 1; d >= 0; d--) from = from * shape[d]! + index[d]!;
    out.set(raw.subarray(from * size, from * size + size), to);
    for (let d = shape.length - 1; d >= 0 && ++index[d]! === shape[d]; d--) index[d] = 0;
  }
  return out;
}
