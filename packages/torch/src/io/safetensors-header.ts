/**
 * @file The header of a safetensors file: 8 bytes of length, JSON, then the data. Nothing in it is trusted.
 * Source: huggingface/safetensors, README (format) and safetensors/src/tensor.rs (what is refused), version 0.8.
 * Left out: the element types that are smaller than a byte, and F8_E8M0.
 */
import { type DType, ITEM_SIZE } from '../dtype.js';
import { TorchError } from '../error.js';
import { withFile } from './read-file.js';
import { parseHeaderJson } from './safetensors-json.js';

export const DTYPE_NAMES: Partial<Record<DType, string>> = {
  uint64: 'U64',
  int64: 'I64',
  float64: 'F64',
  complex64: 'C64',
  float32: 'F32',
  uint32: 'U32',
  int32: 'I32',
  bfloat16: 'BF16',
  float16: 'F16',
  uint16: 'U16',
  int16: 'I16',
  float8_e4m3fn: 'F8_E4M3',
  float8_e5m2: 'F8_E5M2',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};
const BY_NAME = new Map(Object.entries(DTYPE_NAMES).map(([dtype, name]) => [name, dtype as DType]));
/** As in the reference implementation. */
export const MAX_HEADER = 100_000_000;

export interface Entry {
  name: string;
  dtype: DType;
  shape: number[];
  /** Bytes from the start of the file. */
  begin: number;
  end: number;
}

export interface Header {
  /** In the order of the header. */
  entries: Entry[];
  metadata: Record<string, string>;
  fileBytes: number;
}

/** Reads the header alone; libtorch is not needed. @throws TorchError SAFETENSORS_CORRUPT with what is wrong, FILE_ACCESS */
export function readHeader(path: string): Header {
  return withFile(path, (file) => {
    const refuse = refusal(path);
    const fileBytes = file.bytes;
    if (fileBytes < 8) refuse(`it has ${fileBytes} bytes, fewer than the 8 that a header's length takes`);
    const length = file.read(0, 8).readBigUInt64LE();
    if (length > BigInt(MAX_HEADER)) refuse(`its header claims ${length} bytes; ${MAX_HEADER} are the most`);
    const size = Number(length);
    if (8 + size > fileBytes) refuse(`its header claims ${size} bytes, the whole file has ${fileBytes}`);
    let json: unknown;
    try {
      json = parseHeaderJson(file.read(8, size));
    } catch (error) {
      refuse(`its header is damaged: ${error instanceof Error ? error.message : String(error)}`);
    }
    return check(json as Record<string, unknown>, 8 + size, fileBytes, refuse);
  });
}

type Refuse = (what: string, tensor?: string) => never;

const refusal =
  (path: string): Refuse =>
  (what, tensor) => {
    throw new TorchError('SAFETENSORS_CORRUPT', `this is no whole safetensors file: ${what}`, {
      where: tensor === undefined ? path : `${path}, tensor ${JSON.stringify(tensor)}`,
      next: ['copy or download the file again'],
    });
  };

function check(json: Record<string, unknown>, start: number, fileBytes: number, refuse: Refuse): Header {
  const { __metadata__: metadata, ...tensors } = json;
  const entries = Object.entries(tensors).map(([name, value]) => checkEntry(name, value, start, fileBytes, refuse));
  requireGapless(entries, start, fileBytes, refuse);
  return { entries, metadata: checkMetadata(metadata, refuse), fileBytes };
}

function checkMetadata(value: unknown, refuse: Refuse): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) refuse('its __metadata__ is no object');
  const bad = Object.entries(value).find(([, text]) => typeof text !== 'string');
  if (bad !== undefined) refuse(`its __metadata__ holds something else than text under ${JSON.stringify(bad[0])}`);
  return value as Record<string, string>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function checkEntry(name: string, value: unknown, start: number, fileBytes: number, refuse: Refuse): Entry {
  if (!isObject(value)) refuse('its description is no object', name);
  const { dtype: dtypeName, shape, data_offsets: offsets } = value;
  const dtype = BY_NAME.get(String(dtypeName));
  if (dtype === undefined) refuse(`its dtype ${JSON.stringify(dtypeName)} is unknown`, name);
  if (!Array.isArray(shape) || !shape.every(isSize)) refuse(`its shape is ${JSON.stringify(shape)}`, name);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    refuse(`its data_offsets are ${JSON.stringify(offsets)}`, name);
  }
  const [begin, end] = offsets as [number, number];
  let bytes = ITEM_SIZE[dtype];
  for (const size of shape) {
    bytes *= size;
    if (!isSize(bytes)) refuse(`its shape [${shape.join(', ')}] is too large`, name);
  }
  if (end - begin !== bytes) refuse(`it has ${end - begin} bytes where its shape wants ${bytes}`, name);
  if (start + end > fileBytes) refuse(`it ends at byte ${start + end} of a file of ${fileBytes}`, name);
  return { name, dtype, shape, begin: start + begin, end: start + end };
}

/** Overlaps would let one tensor change another; gaps would hide bytes. */
function requireGapless(entries: Entry[], start: number, fileBytes: number, refuse: Refuse): void {
  let at = start;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) refuse(`it begins at byte ${begin}, where the tensors before it end at ${at}`, name);
    at = end;
  }
  if (at !== fileBytes) refuse(`its tensors end at byte ${at}, the file at ${fileBytes}`);
}
