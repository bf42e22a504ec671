/** @file Images with equal pixels, by what their pixels hash to. */
import { DIGEST_BYTES } from '../store/store-file.js';

const key = (digests: Buffer, index: number): string =>
  digests.toString('latin1', index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);

/** @returns indices of the images of `some` whose pixels occur among `others` */
export function equalTo(some: Buffer, others: Buffer): number[] {
  const known = new Set(Array.from({ length: others.length / DIGEST_BYTES }, (_, i) => key(others, i)));
  return Array.from({ length: some.length / DIGEST_BYTES }, (_, i) => i).filter((i) => known.has(key(some, i)));
}

/** @returns how many images of a part repeat one before them */
export const repeated = (digests: Buffer): number => {
  const count = digests.length / DIGEST_BYTES;
  return count - new Set(Array.from({ length: count }, (_, i) => key(digests, i))).size;
};

/** @returns for each image the first one that has the same pixels: most often itself */
export function firstEqual(digests: Buffer): number[] {
  const first = new Map<string, number>();
  return Array.from({ length: digests.length / DIGEST_BYTES }, (_, i) => {
    const pixels = key(digests, i);
    if (!first.has(pixels)) first.set(pixels, i);
    return first.get(pixels)!;
  });
}
