/**
 * @file Writing .pth files that torch.load(path, weights_only=True) reads: a zip file with one pickle and the tensors' bytes.
 * Source: torch/serialization.py (_save), CPython's Lib/pickle.py, protocol 2.
 */
import { basename } from 'node:path';
import type { DType } from '../../dtype.js';
import { ITEM_SIZE } from '../../dtype.js';
import { TorchError } from '../../error.js';
import { Tensor } from '../../tensor.js';
import { atomicWrite } from '../atomic.js';
import { writeTensor } from '../write-tensor.js';
import { ZipWriter } from '../zip-writer.js';

/** Objects and Maps become dicts, lists and Sets lists; whole numbers and BigInts int, other numbers float, null None. */
export type Savable =
  | Tensor
  | number
  | bigint
  | string
  | boolean
  | null
  | readonly Savable[]
  | ReadonlySet<Savable>
  | ReadonlyMap<Savable, Savable>
  | { readonly [key: string]: Savable };

/** Dtypes that have a storage class of their own in Python; the others are saved as bytes with a dtype beside. */
const STORAGES: Partial<Record<DType, string>> = {
  float32: 'FloatStorage',
  float64: 'DoubleStorage',
  float16: 'HalfStorage',
  bfloat16: 'BFloat16Storage',
  int64: 'LongStorage',
  int32: 'IntStorage',
  int16: 'ShortStorage',
  int8: 'CharStorage',
  uint8: 'ByteStorage',
  bool: 'BoolStorage',
  complex64: 'ComplexFloatStorage',
  complex128: 'ComplexDoubleStorage',
};

const MOST_DEPTH = 500;

class Pickler {
  readonly #parts: Buffer[] = [Buffer.of(0x80, 2)];
  /** One storage for a tensor, however often it is there: shared weights stay shared. */
  readonly tensors: Tensor[] = [];

  bytes(): Buffer {
    return Buffer.concat([...this.#parts, Buffer.from('.')]);
  }

  #put(...parts: (string | Buffer)[]): void {
    for (const part of parts) this.#parts.push(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
  }

  value(value: Savable, depth = 0): void {
    if (depth > MOST_DEPTH) refuse(`values are nested more than ${MOST_DEPTH} deep, or hold themselves`);
    if (value === null) this.#put('N');
    else if (typeof value === 'boolean') this.#put(value ? '\x88' : '\x89');
    else if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'bigint' || Number.isSafeInteger(value)) this.#integer(BigInt(value as number | bigint));
    else if (typeof value === 'number') this.#put('G', float64(value));
    else if (value instanceof Tensor) this.#tensor(value);
    else if (Array.isArray(value) || value instanceof Set) {
      this.#put('](');
      for (const one of value as Iterable<Savable>) this.value(one, depth + 1);
      this.#put('e');
    } else if (value instanceof Map || isPlain(value)) {
      this.#put('}(');
      for (const [key, one] of value instanceof Map ? value : Object.entries(value)) {
        this.value(key as Savable, depth + 1);
        this.value(one as Savable, depth + 1);
      }
      this.#put('u');
    } else refuse(`${nameOf(value)} has no form in Python that loads without running code`);
  }

  #text(text: string): void {
    const bytes = Buffer.from(text);
    this.#put('X', uint32(bytes.length), bytes);
  }

  #integer(value: bigint): void {
    if (value >= -(2n ** 31n) && value < 2n ** 31n) {
      const four = Buffer.alloc(4);
      four.writeInt32LE(Number(value));
      this.#put('J', four);
      return;
    }
    const bytes: number[] = []; // two's complement, the sign in the last bit
    for (let rest = value; bytes.length === 0 || !(rest === (bytes.at(-1)! & 0x80 ? -1n : 0n)); rest >>= 8n)
      bytes.push(Number(rest & 0xffn));
    if (bytes.length > 255) refuse('an integer is too large');
    this.#put('\x8a', Buffer.of(bytes.length), Buffer.from(bytes));
  }

  #tuple(numbers: readonly number[]): void {
    this.#put('(');
    for (const number of numbers) this.#integer(BigInt(number));
    this.#put('t');
  }

  #tensor(tensor: Tensor): void {
    const { dtype, shape } = tensor;
    const known = this.tensors.indexOf(tensor);
    const key = known >= 0 ? known : this.tensors.push(tensor) - 1;
    const storage = STORAGES[dtype];
    this.#put(`ctorch._utils\n_rebuild_tensor_v${storage ? 2 : 3}\n((`);
    this.#text('storage');
    this.#put(storage ? `ctorch\n${storage}\n` : 'ctorch.storage\nUntypedStorage\n');
    this.#text(String(key));
    this.#text('cpu');
    this.#integer(BigInt(tensor.numel() * (storage ? 1 : ITEM_SIZE[dtype])));
    this.#put('tQ');
    this.#integer(0n);
    this.#tuple(shape);
    this.#tuple(shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1)));
    this.#put(tensor.requiresGrad && tensor.isLeaf ? '\x88' : '\x89', 'ccollections\nOrderedDict\n)R');
    this.#put(storage ? 'tR' : `ctorch\n${dtype}\ntR`);
  }
}

const isPlain = (value: unknown): value is Record<string, Savable> => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const nameOf = (value: unknown): string => (typeof value === 'object' ? value!.constructor.name : typeof value);

function float64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function refuse(what: string): never {
  throw new TorchError('ARGUMENT', `pth.save: ${what}`, {
    next: ['save tensors, numbers, texts, booleans, null, lists, Maps and plain objects of these'],
  });
}

/**
 * Writes the file whole or not at all; `torch.load(path, weights_only=True)` of Python reads it. Tensors may be on any device
 * and of any strides; they are written contiguous, for the CPU.
 *
 * @throws TorchError ARGUMENT for what has no form in Python, DISK_FULL, FILE_ACCESS, TENSOR_DISPOSED
 */
export function save(path: string, value: Savable): void {
  const pickler = new Pickler();
  pickler.value(value);
  const root = basename(path).replace(/\.[^.]*$/, '') || 'archive';
  atomicWrite(path, (file) => {
    const zip = new ZipWriter(file);
    zip.addBytes(`${root}/data.pkl`, pickler.bytes());
    zip.addBytes(`${root}/byteorder`, Buffer.from('little'));
    for (const [key, tensor] of pickler.tensors.entries())
      zip.add(`${root}/data/${key}`, (seen) => writeTensor(file, tensor, seen));
    zip.addBytes(`${root}/version`, Buffer.from('3\n'));
    zip.close();
  });
}
