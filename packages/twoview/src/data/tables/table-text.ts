/** @file The text of a table, whatever program wrote it: encoding by its mark, by name, or UTF-8; nothing is guessed. */
import { readFileSync } from 'node:fs';
import { TwoviewError } from '../../errors.js';
import { unreadable } from '../sources/listing.js';

const MARKS: { encoding: string; bytes: number[] }[] = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
];
const MOST_BYTES = 1 << 29; // V8 makes no longer strings

/** @param encoding `auto`, or a name of the WHATWG standard @throws TwoviewError TABLE_INVALID, DATA_UNREADABLE, CONFIG_INVALID */
export function readTableText(file: string, encoding: string): string {
  const bytes = read(file);
  if (bytes.length >= MOST_BYTES)
    throw invalid(file, `this table has ${bytes.length} bytes; ${MOST_BYTES} are the most`);
  const mark = MARKS.find((one) => one.bytes.every((byte, i) => bytes[i] === byte));
  const named = encoding === 'auto' ? (mark?.encoding ?? 'utf-8') : encoding;
  const decoder = decoderOf(named);
  try {
    const text = decoder.decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    const line = 1 + bytes.subarray(0, firstInvalid(bytes, named)).filter((byte) => byte === 10).length;
    throw invalid(`${file}:${line}`, `this line is no ${named.toUpperCase()}`, encodings);
  }
  throw invalid(file, 'this table holds zero bytes, as UTF-16 does', ['--encoding utf-16le', 'save it as UTF-8']);
}

const encodings = ['--encoding windows-1252  names the encoding, here that of Windows in the west', 'save it as UTF-8'];

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function decoderOf(name: string): TextDecoder {
  try {
    return new TextDecoder(name, { fatal: true });
  } catch (error) {
    throw new TwoviewError('CONFIG_INVALID', {
      what: 'no encoding has this name',
      where: `--encoding ${name}`,
      next: ['utf-8, utf-16le, windows-1252, iso-8859-15, shift_jis, gb18030, ...'],
      cause: error,
    });
  }
}

/** Where the bytes stop being of this encoding. */
function firstInvalid(bytes: Buffer, encoding: string): number {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      decoderOf(encoding).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good;
}

export function invalid(where: string, what: string, next: string[] = ['correct the table']): TwoviewError {
  return new TwoviewError('TABLE_INVALID', { what, where, next });
}
