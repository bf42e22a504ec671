/** @file PyTorch's enumerations that travel as numbers: element types, memory formats, layouts. Source: c10/core/ScalarType.h, MemoryFormat.h. */
import { TorchError } from './error.js';

const CODES = {
  uint8: 0,
  int8: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  float16: 5,
  float32: 6,
  float64: 7,
  complex64: 9,
  complex128: 10,
  bool: 11,
  bfloat16: 15,
  float8_e5m2: 23,
  float8_e4m3fn: 24,
  uint16: 27,
  uint32: 28,
  uint64: 29,
} as const;

export type DType = keyof typeof CODES;

const MEMORY_FORMATS = { contiguous: 0, preserve: 1, channels_last: 2, channels_last_3d: 3 } as const;
export type MemoryFormat = keyof typeof MEMORY_FORMATS;

const LAYOUTS = { strided: 0, sparse: 1, sparse_csr: 2 } as const;
export type Layout = keyof typeof LAYOUTS;

const NAMES = new Map<number, DType>(Object.entries(CODES).map(([name, code]) => [code, name as DType]));

function lookUp(table: Record<string, number>, what: string, name: unknown): number {
  const code = typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;
  if (code === undefined) {
    throw new TorchError('ARGUMENT', `${what} must be one of ${Object.keys(table).join(', ')}; got ${String(name)}`);
  }
  return code;
}

export const dtypeCode = (name: unknown): number => lookUp(CODES, 'a dtype', name);
export const memoryFormatCode = (name: unknown): number => lookUp(MEMORY_FORMATS, 'a memory format', name);
export const layoutCode = (name: unknown): number => lookUp(LAYOUTS, 'a layout', name);

export function dtypeName(code: number): DType {
  const name = NAMES.get(code);
  if (name === undefined) throw new TorchError('ARGUMENT', `libtorch's element type number ${code} has no name here`);
  return name;
}

/** Bytes of one element. */
export const ITEM_SIZE: Record<DType, number> = {
  uint8: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
  complex64: 8,
  complex128: 16,
  bool: 1,
  bfloat16: 2,
  float8_e5m2: 1,
  float8_e4m3fn: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
};

export const isDType = (name: unknown): name is DType => typeof name === 'string' && Object.hasOwn(CODES, name);
