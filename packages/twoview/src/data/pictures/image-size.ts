/** @file The side of the stored squares where the user named none. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { atomicWrite, writeAll } from '@twoview/torch';
import { sizeFile } from '../store/cache.js';
import { kindOfImage } from './image-kind.js';
import { readJpegHeader } from './quick-jpeg.js';
import { sharpOnce } from './thorough.js';

export interface ChosenSize {
  size: number;
  note: string | null;
}

const SAMPLE = 64;
const SIZES = [224, 128, 96, 64, 32];
const HEAD_BYTES = 1 << 16;

/** Small images that are all alike keep their size; others get the largest usual size that their median short side fills. */
async function sampleSize(paths: readonly string[]): Promise<ChosenSize> {
  const step = Math.max(1, Math.floor(paths.length / SAMPLE));
  const sides: number[] = [];
  for (let i = 0; i < paths.length; i += step) {
    const side = await shortSide(paths[i]!).catch(() => 0); // a file that cannot be read is reported by the decoder
    if (side > 0) sides.push(side);
  }
  sides.sort((a, b) => a - b);
  const median = sides[Math.floor(sides.length / 2)] ?? 32;
  if (median <= 64 && sides.every((side) => side === median)) return { size: median, note: null };
  const size = SIZES.find((candidate) => candidate <= median) ?? 32;
  return { size, note: `images were brought to ${size} x ${size} pixels (median short side ${median})` };
}

async function shortSide(path: string): Promise<number> {
  const head = headOf(path);
  const kind = kindOfImage(head);
  const jpeg = kind === 'jpeg' ? readJpegHeader(head) : null;
  if (jpeg !== null) return Math.min(jpeg.width, jpeg.height);
  if (kind === 'bmp') {
    const core = head.readUInt32LE(14) === 12;
    return core
      ? Math.min(head.readUInt16LE(18), head.readUInt16LE(20))
      : Math.min(head.readInt32LE(18), Math.abs(head.readInt32LE(22)));
  }
  const sharp = await sharpOnce();
  const { width, height } = await sharp(path, { limitInputPixels: false }).metadata();
  return Math.min(width, height);
}

function headOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

/** Looked at once for a list of files. @param files hash of the list */
export async function chooseSize(files: string, paths: () => readonly string[]): Promise<ChosenSize> {
  const file = sizeFile(files);
  const known = existsSync(file) ? parsed(readFileSync(file, 'utf8')) : null;
  if (known !== null) return known;
  const found = await sampleSize(paths());
  mkdirSync(dirname(file), { recursive: true });
  atomicWrite(file, (handle) => writeAll(handle, Buffer.from(`${JSON.stringify(found)}\n`)));
  return found;
}

function parsed(text: string): ChosenSize | null {
  try {
    const { size, note } = JSON.parse(text);
    return Number.isInteger(size) && size > 0 && (note === null || typeof note === 'string') ? { size, note } : null;
  } catch {
    return null; // a cache that cannot be read is made anew
  }
}
