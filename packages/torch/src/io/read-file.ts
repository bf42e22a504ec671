/** @file Pieces of a file by position, exactly as long as asked for. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { fileError } from './file-error.js';

export interface OpenFile {
  path: string;
  bytes: number;
  /** @returns fewer bytes only at the end of the file */
  read(position: number, length: number): Buffer;
}

/** @throws TorchError FILE_ACCESS */
export function withFile<T>(path: string, use: (file: OpenFile) => T): T {
  try {
    const handle = openSync(path, 'r');
    try {
      return use({ path, bytes: fstatSync(handle).size, read: (position, length) => read(handle, position, length) });
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw fileError(path, error);
  }
}

function read(handle: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const count = readSync(handle, buffer, done, length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return buffer.subarray(0, done);
}
