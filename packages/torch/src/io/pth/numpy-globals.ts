/** @file The names that pickles of numpy arrays (protocols 0 to 5, numpy 1 and 2) and of plain containers may use. */
import { bytes, NumpyArray, NumpyDtype, text } from './numpy-array.js';
import type { PickleFunction } from './pickle-machine.js';
import { narrow } from './pickle-reader.js';

/** Containers that are no literals in a pickle. */
export const containerGlobals: Record<string, PickleFunction> = {
  '_codecs.encode': (value, encoding) => {
    if (typeof value !== 'string' || !/^latin-?1$/.test(String(encoding))) throw new Error('only latin1 is known');
    return new Uint8Array(Buffer.from(value, 'latin1'));
  },
  'collections.OrderedDict': (pairs = []) => new Map(pairsOf(pairs)),
};
for (const module of ['builtins', '__builtin__']) {
  containerGlobals[`${module}.set`] = (items = []) => new Set(list(items));
  containerGlobals[`${module}.frozenset`] = (items = []) => new Set(list(items));
  for (const type of ['bytes', 'bytearray']) {
    containerGlobals[`${module}.${type}`] = (value = '', encoding = 'latin-1') =>
      value instanceof Uint8Array ? value : containerGlobals['_codecs.encode']!(value, encoding);
  }
}

/** Arrays come as `NumpyArray { dtype, shape, data }`, numpy's scalars as numbers. Containers included. */
export const numpyGlobals: Record<string, PickleFunction> = {
  ...containerGlobals,
  'numpy.dtype': (letters) => new NumpyDtype(text(letters)),
  'numpy.ndarray': () => new NumpyArray(),
};
for (const core of ['numpy.core', 'numpy._core']) {
  numpyGlobals[`${core}.multiarray._reconstruct`] = () => new NumpyArray(); // filled by its state
  numpyGlobals[`${core}.multiarray.scalar`] = (dtype, raw) => scalar(NumpyArray.from([], dtype, false, bytes(raw)));
  numpyGlobals[`${core}.numeric._frombuffer`] = (buffer, dtype, shape, order) =>
    NumpyArray.from(shape, dtype, text(order) === 'F', bytes(buffer));
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error('a container made of something that is no list');
  return value;
}

function pairsOf(value: unknown): [unknown, unknown][] {
  if (value instanceof Map) return [...value];
  return list(value).map((pair) => [list(pair)[0], list(pair)[1]]);
}

function scalar({ dtype, data }: NumpyArray): unknown {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  switch (dtype) {
    case 'bool':
      return view.getUint8(0) !== 0;
    case 'uint8':
      return view.getUint8(0);
    case 'int8':
      return view.getInt8(0);
    case 'uint16':
      return view.getUint16(0, true);
    case 'int16':
      return view.getInt16(0, true);
    case 'uint32':
      return view.getUint32(0, true);
    case 'int32':
      return view.getInt32(0, true);
    case 'uint64':
      return narrow(view.getBigUint64(0, true));
    case 'int64':
      return narrow(view.getBigInt64(0, true));
    case 'float32':
      return view.getFloat32(0, true);
    case 'float64':
      return view.getFloat64(0, true);
    default:
      throw new Error(`a numpy scalar of ${dtype}`);
  }
}
