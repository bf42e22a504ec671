/** @file A file that is there whole or not at all: temporary file beside it, fsync, rename, fsync of the folder. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError } from './file-error.js';

/**
 * @param write is given the open file
 * @throws TorchError DISK_FULL, FILE_ACCESS, or what `write` throws; the file is then as it was, and no half one stays
 */
export function atomicWrite(path: string, write: (file: number) => void): void {
  const partial = partialOf(path);
  try {
    const file = openSync(partial, 'wx');
    try {
      write(file);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(partial, { force: true });
    throw fileError(path, error);
  }
}

/** As `atomicWrite`, by threads of Node's own, while this one goes on. @param pieces must not change until it is done */
export async function atomicWriteLater(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const partial = partialOf(path);
  try {
    const file = await open(partial, 'wx');
    try {
      for (const bytes of pieces) await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
    syncFolder(dirname(path));
  } catch (error) {
    await rm(partial, { force: true });
    throw fileError(path, error);
  }
}

/** Whoever made it is in its name, so that what a dead process left can be swept. */
const partialOf = (path: string): string => `${path}.partial-${process.pid}-${randomBytes(4).toString('hex')}`;

/** writeSync may write less than it was given. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done);
}

/** So that the new name survives a power cut. Windows opens no folders, and needs none of it. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
