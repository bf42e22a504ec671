/** @file The bytes of a pickle, read forward. Every length is checked against what is left, so none can ask for memory. */
import { TorchError } from '../../error.js';

const LINE_FEED = 10;
/** Longest number in digits or bytes that is read; Python itself stops at 4,300 digits. */
const LONGEST_NUMBER = 1024;
const LONGEST_STRING = 2 ** 29 - 24; // V8 makes no longer ones

export class PickleReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #name: string;
  position: number;

  constructor(bytes: Uint8Array, name: string, start = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#name = name;
    this.position = start;
  }

  corrupt(what: string, cause?: unknown): TorchError {
    return new TorchError('PICKLE_CORRUPT', `this pickle is damaged: ${what}`, {
      where: `${this.#name}, byte ${this.position}`,
      next: ['copy or download the file again'],
      cause,
    });
  }

  forbidden(global: string): TorchError {
    return new TorchError(
      'PICKLE_FORBIDDEN',
      `this pickle wants to call ${global}, which is not on the list of what is safe`,
      {
        where: `${this.#name}, byte ${this.position}`,
        next: [
          'nothing was called',
          'save it again in Python as tensors, numbers, strings, lists and dicts: torch.save(model.state_dict(), path)',
        ],
      },
    );
  }

  /** The next bytes, shared with the input. */
  take(length: number): Uint8Array {
    const left = this.#bytes.length - this.position;
    if (length > left) throw this.corrupt(`${length} bytes are announced where ${left} are left`);
    const start = this.position;
    this.position += length;
    return this.#bytes.subarray(start, this.position);
  }

  #skip(length: number): number {
    const start = this.position;
    this.take(length);
    return start;
  }

  uint8(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#skip(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#skip(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  uint64(): number {
    return Number(this.#view.getBigUint64(this.#skip(8), true)); // beyond 2^53 `take` refuses it in any case
  }

  /** The only big-endian thing in a pickle. */
  float64(): number {
    return this.#view.getFloat64(this.#skip(8), false);
  }

  /** A two's complement integer of any length. */
  integer(length: number): number | bigint {
    if (length > LONGEST_NUMBER) throw this.corrupt(`a number of ${length} bytes`);
    const bytes = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    return narrow(length > 0 && bytes[length - 1]! >= 128 ? value - (1n << BigInt(8 * length)) : value);
  }

  /** Text up to the end of the line, one character a byte. */
  line(): string {
    const end = this.#bytes.indexOf(LINE_FEED, this.position);
    if (end < 0) throw this.corrupt('a line without an end');
    const line = this.latin1(end - this.position);
    this.position = end + 1;
    return line;
  }

  decimal(): number | bigint {
    const text = this.line().replace(/L$/, '');
    if (!/^[+-]?\d+$/.test(text) || text.length > LONGEST_NUMBER)
      throw this.corrupt(`${text.slice(0, 40)} is no integer`);
    return narrow(BigInt(text.replace('+', '')));
  }

  latin1(length: number): string {
    return this.#text(length, 'latin1');
  }

  utf8(length: number): string {
    return this.#text(length, 'utf8');
  }

  #text(length: number, encoding: 'latin1' | 'utf8'): string {
    const bytes = this.take(length);
    if (length > LONGEST_STRING) throw this.corrupt(`a string of ${length} bytes is longer than JavaScript's can be`);
    return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString(encoding);
  }
}

/** A number where it is exact, a bigint otherwise. */
export function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
