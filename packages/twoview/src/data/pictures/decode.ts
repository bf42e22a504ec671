/** @file One image file to [3, S, S] bytes: by its own bytes, not its name; quickly where that is possible, thoroughly where not. */
import { readFileSync } from 'node:fs';
import { decodeBmp } from './bmp.js';
import { kindOfImage, unreadKind } from './image-kind.js';
import { flattened, type Ground } from './planes.js';
import { quickJpeg, readJpegHeader, requireEnd } from './quick-jpeg.js';
import type { Range } from './sample-range.js';
import { fitRaw, thorough } from './thorough.js';
import { Undecodable } from './undecodable.js';

export interface DecodeOptions {
  size: number;
  /** What lies under transparent pixels. */
  ground: Ground;
  /** How samples of more than 8 bits are scaled where the file declares no range: found over the whole set. */
  ranges?: { whole: Range | null; float: Range | null };
}

export interface Decoded {
  /** [3, S, S]; null where samples of more than 8 bits wait for the range of the set, which `undeclared` is a part of. */
  pixels: Uint8Array | null;
  undeclared?: { kind: 'whole' | 'float'; range: Range };
  /** What a reader of results should know of this file. */
  traits: Trait[];
}

export type Trait = 'transparent' | 'plain where transparent' | 'frames' | 'deep, declared' | 'deep';

/**
 * Of other shapes the middle square, resized with sharp's default kernel (Lanczos 3).
 *
 * @throws Undecodable saying what is wrong with the file
 */
export async function decodeImage(path: string, options: DecodeOptions): Promise<Decoded> {
  const bytes = read(path);
  const kind = kindOfImage(bytes);
  if (kind === null) {
    const known = unreadKind(bytes);
    if (known !== null) throw new Undecodable('unsupported', `this is ${known}`);
    throw new Undecodable('damaged', bytes.length === 0 ? 'the file is empty' : 'it begins like no image');
  }
  if (kind === 'jpeg') {
    requireEnd(bytes);
    const pixels = await quickJpeg(bytes, options.size);
    if (pixels !== null) return { pixels: flattened(pixels, options.size, 4, null).pixels, traits: [] };
    requireUsualJpeg(bytes);
  }
  if (kind === 'bmp') {
    const { data, width, height } = decodeBmp(bytes);
    return await fitRaw({ data, width, height, channels: 4 }, options, []);
  }
  return await thorough(bytes, kind, options);
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Undecodable('unreadable', (error as Error).message);
  }
}

function requireUsualJpeg(bytes: Buffer): void {
  const header = readJpegHeader(bytes);
  if (header === null) throw new Undecodable('damaged', 'its header is broken');
  if (header.bits !== 8) throw new Undecodable('unsupported', `this is a JPEG of ${header.bits} bits a sample`);
  if (header.process > 2) throw new Undecodable('unsupported', 'this is a lossless or arithmetic coded JPEG');
}
