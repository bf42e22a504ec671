/** @file Images of a set that show one picture, inside its parts and between them; looked for once, and kept in the cache. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { atomicWrite, writeAll } from '@twoview/torch';
import type { JobIo } from '../../runs/events.js';
import { type ImageSet, partsOf } from '../image-set.js';
import type { Part } from '../parts.js';
import { twinsFile } from '../store/cache.js';
import { DIGEST_BYTES } from '../store/store-file.js';
import { nearTwins } from './near-twins.js';

export interface Place {
  part: Part;
  index: number;
}

export interface Twins {
  a: Place;
  b: Place;
  /** 1 where all pixels are equal. */
  similarity: number;
  mirrored: boolean;
  exact: boolean;
}

/** Raised when other twins are found in the same images. */
const FINDER = 2;

export async function twinsOf(set: ImageSet, io: JobIo): Promise<Twins[]> {
  const file = twinsFile(`${set.hash}-${FINDER}`);
  const known = existsSync(file) ? read(file) : null;
  if (known !== null) return known;
  const parts = partsOf(set);
  const places = parts.flatMap(({ part, split }) =>
    Array.from({ length: split.count }, (_, index) => ({ part, index })),
  );
  const digests = await set.digests();
  const all = Buffer.concat(parts.map(({ part }) => digests[part]));
  const pixels = (row: number) => all.toString('latin1', row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES);
  const near = await nearTwins(
    parts.map(({ split }) => split.images),
    {
      ...(io.signal && { signal: io.signal }),
      onProgress: (done, total) =>
        io.onEvent?.({ type: 'progress', phase: 'looking for twins', done, total, unit: 'images' }),
    },
  );
  const found = new Map<string, Twins>();
  const add = (first: number, second: number, more: Pick<Twins, 'similarity' | 'mirrored' | 'exact'>) =>
    found.set(`${first} ${second}`, { a: places[first]!, b: places[second]!, ...more });
  for (const { first, second, similarity, mirrored } of near)
    add(first, second, { similarity, mirrored, exact: false });
  // Flat pictures have no colours to compare, but may have equal pixels.
  const seen = new Map<string, number>();
  for (let row = 0; row < places.length; row++) {
    const first = seen.get(pixels(row));
    if (first === undefined) seen.set(pixels(row), row);
    else add(first, row, { similarity: 1, mirrored: false, exact: true });
  }
  const twins = [...found.values()];
  mkdirSync(dirname(file), { recursive: true });
  atomicWrite(file, (handle) => writeAll(handle, Buffer.from(`${JSON.stringify(twins)}\n`)));
  return twins;
}

/** Indices of the test images that have a twin among the training or validation images. */
export const testTwins = (twins: readonly Twins[]): number[] => [
  ...new Set(
    twins.flatMap(({ a, b }) => {
      const [one, other] = a.part === 'test' ? [a, b] : [b, a];
      return one.part === 'test' && other.part !== 'test' ? [one.index] : [];
    }),
  ),
];

function read(file: string): Twins[] | null {
  try {
    const twins = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(twins) ? twins : null;
  } catch {
    return null; // a cache that cannot be read is made anew
  }
}
