/** @file Writing safetensors: equal tensors give equal bytes, in the order in which the reference implementation writes. */
import { ITEM_SIZE } from '../dtype.js';
import { TorchError } from '../error.js';
import { guarded, native } from '../native.js';
import { Tensor } from '../tensor.js';
import { atomicWrite, atomicWriteLater, writeAll } from './atomic.js';
import { DTYPE_NAMES, MAX_HEADER } from './safetensors-header.js';
import { writeTensor } from './write-tensor.js';

/** The data begins at a multiple of this, so that every tensor can be used in place by whoever maps the file. */
const ALIGNMENT = 64;
/** Wide elements first: what follows them is then aligned without gaps. */
const ORDER = Object.keys(DTYPE_NAMES);

/**
 * Writes the file whole or not at all. Tensors may be on any device and of any strides; they are written one by one, in
 * row-major order.
 *
 * @param metadata any texts, kept in the header
 * @throws TorchError DISK_FULL, FILE_ACCESS, TENSOR_DISPOSED, ARGUMENT for what the format cannot hold
 */
export function save(path: string, tensors: Record<string, Tensor>, metadata: Record<string, string> = {}): void {
  const named = inOrder(tensors);
  const header = headerBytes(named, metadata);
  atomicWrite(path, (file) => {
    writeAll(file, header);
    for (const [, tensor] of named) writeTensor(file, tensor);
  });
}

/**
 * As `save`, of the tensors as they are now: they are copied into memory of the process before this returns, and written while
 * the caller goes on, for example with the next steps of a training.
 *
 * @returns when the file is there; rejects as `save` throws
 */
export function saveCopy(
  path: string,
  tensors: Record<string, Tensor>,
  metadata: Record<string, string> = {},
): Promise<void> {
  const named = inOrder(tensors);
  const header = headerBytes(named, metadata);
  const sizes = named.map(([, tensor]) => tensor.numel() * ITEM_SIZE[tensor.dtype]);
  const data = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let begin = 0;
  named.forEach(([, tensor], i) => {
    const bytes = data.subarray(begin, begin + sizes[i]!);
    guarded('saveCopy', () => native().toBytes(Tensor.idOf(tensor), bytes));
    begin += sizes[i]!;
  });
  return atomicWriteLater(path, [header, data]);
}

/** Wide elements first, then by name, as the reference implementation writes. */
function inOrder(tensors: Record<string, Tensor>): (readonly [string, Tensor])[] {
  const named = Object.entries(tensors).map(([name, tensor]) => [name, checked(name, tensor)] as const);
  const rank = (tensor: Tensor): number => ORDER.indexOf(tensor.dtype);
  return named.sort(([a, x], [b, y]) => rank(x) - rank(y) || (a < b ? -1 : 1));
}

function refuse(what: string): never {
  throw new TorchError('ARGUMENT', `safetensors.save: ${what}`);
}

function checked(name: string, tensor: unknown): Tensor {
  if (!(tensor instanceof Tensor)) refuse(`${JSON.stringify(name)} is no tensor`);
  if (name === '__metadata__') refuse('no tensor may be called __metadata__');
  if (!(tensor.dtype in DTYPE_NAMES)) refuse(`the format has no name for ${tensor.dtype}, the dtype of ${name}`);
  return tensor;
}

function headerBytes(named: (readonly [string, Tensor])[], metadata: Record<string, string>): Buffer {
  const texts = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  const bad = texts.find(([, text]) => typeof text !== 'string');
  if (bad !== undefined) refuse(`metadata must be text, ${JSON.stringify(bad[0])} is not`);
  let offset = 0;
  const described = named.map(([name, tensor]) => {
    const begin = offset;
    offset += tensor.numel() * ITEM_SIZE[tensor.dtype];
    return [name, { dtype: DTYPE_NAMES[tensor.dtype], shape: tensor.shape, data_offsets: [begin, offset] }] as const;
  });
  const entries = [...(texts.length > 0 ? [['__metadata__', Object.fromEntries(texts)] as const] : []), ...described];
  // Written pair by pair: an object would put keys such as "10" first.
  const json = `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
  const bytes = Buffer.from(json);
  const padded = Math.ceil((8 + bytes.length) / ALIGNMENT) * ALIGNMENT - 8;
  if (padded > MAX_HEADER) refuse(`the header would have ${padded} bytes; ${MAX_HEADER} are the most`);
  const header = Buffer.alloc(8 + padded, ' ');
  header.writeBigUInt64LE(BigInt(padded));
  bytes.copy(header, 8);
  return header;
}
