/** @file Which images there are to choose from: of those with equal pixels one, and the labelled one where there is one. */
import { firstEqual } from '../data/twins/twins.js';

export interface Pool {
  /** Indices, ascending: no two of them have equal pixels. */
  images: number[];
  /** Places in `images` of those that have a label. */
  labelled: number[];
  /** Images without a label that are not in it, since another one has the same pixels. */
  repeats: number;
}

/** @param digests what the pixels of all images hash to */
export function poolOf(digests: Buffer, labelled: ReadonlySet<number>): Pool {
  const first = firstEqual(digests);
  const shown = new Map<number, number>();
  for (const index of labelled) shown.set(first[index]!, index);
  for (const [index, at] of first.entries()) if (!shown.has(at)) shown.set(at, index);
  const images = [...shown.values()].sort((a, b) => a - b);
  const inPool = new Set(images);
  return {
    images,
    labelled: images.flatMap((index, place) => (labelled.has(index) ? [place] : [])),
    repeats: first.filter((_, index) => !inPool.has(index) && !labelled.has(index)).length,
  };
}
