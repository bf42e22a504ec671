/**
 * @file The file of a store: a safetensors file with all but the pixels written at once, so that images may be more than fits
 * into memory. Tensors, for each part: PART.labels [N] int64, PART.digests [N, 16] uint8 (what the pixels hash to),
 * PART.images [N, 3, S, S] uint8.
 */

import { createHash, hash as hashOnce } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import * as torch from '@twoview/torch';
import { PARTS, type Part } from '../parts.js';

export interface StoreContents {
  name: string;
  classes: string[];
  imageSize: number;
  /** Files that belong to the set and are damaged. */
  leftOut?: readonly string[];
  /** Classes of the images of each part; -1 where not known. */
  labels: Record<Part, number[]>;
}

export const DIGEST_BYTES = 16;
/** Room for what is known only when all images are there: identity, notes, warnings. */
const RESERVED = 1 << 16;

/** Where an image and its digest begin, in bytes from the start of the file. */
export interface Place {
  image: number;
  digest: number;
}
export type Places = (part: Part, index: number) => Place;

export interface Frame {
  places: Places;
  /** Writes what is known at the end. @param metadata on top of name, classes and left-out files */
  finish(metadata: Record<string, string>): void;
}

export function writeFrame(path: string, { labels, imageSize, name, classes, leftOut = [] }: StoreContents): Frame {
  const pixels = 3 * imageSize ** 2;
  const metadata = { name, classes: JSON.stringify(classes), leftOut: JSON.stringify(leftOut) };
  const header: Record<string, unknown> = { __metadata__: metadata };
  const at = {} as Record<Part, Place>;
  let offset = 0;
  const entry = (key: string, dtype: string, shape: number[], bytes: number): number => {
    const begin = offset;
    offset += bytes;
    header[key] = { dtype, shape, data_offsets: [begin, offset] };
    return begin;
  };
  const blobs = PARTS.map((part) => Buffer.from(BigInt64Array.from(labels[part], BigInt).buffer));
  for (const [i, part] of PARTS.entries()) entry(`${part}.labels`, 'I64', [labels[part].length], blobs[i]!.length);
  for (const part of PARTS) {
    const count = labels[part].length;
    at[part] = { image: 0, digest: entry(`${part}.digests`, 'U8', [count, DIGEST_BYTES], count * DIGEST_BYTES) };
  }
  for (const part of PARTS) {
    const count = labels[part].length;
    at[part].image = entry(`${part}.images`, 'U8', [count, 3, imageSize, imageSize], count * pixels);
  }
  const headerOf = (more: Record<string, string>): Buffer =>
    Buffer.from(JSON.stringify({ ...header, __metadata__: { ...metadata, ...more } }));
  const size = Math.ceil((8 + headerOf({}).length + RESERVED) / 64) * 64;
  const start = (json: Buffer): Buffer => {
    if (json.length > size - 8) throw new Error(`the notes of ${path} are too long`);
    const bytes = Buffer.alloc(size, ' ');
    bytes.writeBigUInt64LE(BigInt(size - 8));
    json.copy(bytes, 8);
    return bytes;
  };
  const file = openSync(path, 'w');
  try {
    torch.writeAll(file, Buffer.concat([start(headerOf({})), ...blobs]));
    ftruncateSync(file, size + offset);
  } finally {
    closeSync(file);
  }
  return {
    places: (part, index) => ({
      image: size + at[part].image + index * pixels,
      digest: size + at[part].digest + index * DIGEST_BYTES,
    }),
    finish(more) {
      const again = openSync(path, 'r+');
      try {
        writeSync(again, start(headerOf(more)), 0, size, 0);
      } finally {
        closeSync(again);
      }
    },
  };
}

/** Writes an image, [3, S, S] uint8, and what its pixels hash to. */
export function writeImage(file: number, { image, digest }: Place, pixels: Uint8Array): void {
  writeSync(file, pixels, 0, pixels.length, image);
  writeSync(file, digestOf(pixels), 0, DIGEST_BYTES, digest);
}

export const digestOf = (pixels: Uint8Array): Buffer => hashOnce('sha256', pixels, 'buffer').subarray(0, DIGEST_BYTES);

/** Digests of a part, one after the other. */
export function readDigests(path: string, places: Places, part: Part, count: number): Buffer {
  const bytes = Buffer.alloc(count * DIGEST_BYTES);
  const file = openSync(path, 'r');
  try {
    if (count > 0) readSync(file, bytes, 0, bytes.length, places(part, 0).digest);
  } finally {
    closeSync(file);
  }
  return bytes;
}

/** One hash of all that a training can see of a set. */
export function contentHash({ classes, imageSize, labels }: StoreContents, digests: Record<Part, Buffer>): string {
  const hash = createHash('sha256').update(JSON.stringify([classes, imageSize]));
  for (const part of PARTS) hash.update(`${part} ${labels[part].length} ${labels[part]}\n`).update(digests[part]);
  return hash.digest('hex').slice(0, 24);
}
