/** @file The side of the stored squares where the user named none. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { atomicWrite, writeAll } from '@twoview/torch';
import { sizeFile } from './cache.js';

export interface ChosenSize {
  size: number;
  note: string | null;
}

const SAMPLE = 64;
const SIZES = [224, 128, 96, 64, 32];

/** Small images that are all alike keep their size; others get the largest usual size that their median short side fills. */
async function sampleSize(paths: readonly string[]): Promise<ChosenSize> {
  const { default: sharp } = await import('sharp'); // 17 MB that sets of CIFAR batches or safetensors never need
  const step = Math.max(1, Math.floor(paths.length / SAMPLE));
  const sides: number[] = [];
  for (let i = 0; i < paths.length; i += step) {
    // A file that cannot be read is reported by the decoder.
    const { width, height } = await sharp(paths[i]!)
      .metadata()
      .catch(() => ({ width: 0, height: 0 }));
    if (width > 0 && height > 0) sides.push(Math.min(width, height));
  }
  sides.sort((a, b) => a - b);
  const median = sides[Math.floor(sides.length / 2)] ?? 32;
  if (median <= 64 && sides.every((side) => side === median)) return { size: median, note: null };
  const size = SIZES.find((candidate) => candidate <= median) ?? 32;
  return { size, note: `images were brought to ${size} x ${size} pixels (median short side ${median})` };
}

/** Looked at once for a list of files; the note is in the store that is made then. @param files hash of the list */
export async function settledSize(files: string, paths: readonly string[]): Promise<ChosenSize> {
  const file = sizeFile(files);
  const known = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (known > 0) return { size: known, note: null };
  const found = await sampleSize(paths);
  mkdirSync(dirname(file), { recursive: true });
  atomicWrite(file, (handle) => writeAll(handle, Buffer.from(`${found.size}\n`)));
  return found;
}
