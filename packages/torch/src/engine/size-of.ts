/** @file Bytes in a folder in which another program is at work: what was listed may be gone a moment later. */
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export function sizeOf(folder: string): number {
  return entriesOf(folder).reduce((bytes, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return bytes + sizeOf(path);
    return bytes + (entry.isFile() ? (statSync(path, { throwIfNoEntry: false })?.size ?? 0) : 0);
  }, 0);
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
