/** @file From what the library lists or opens to the list of a project. */
import { resolve, sep } from 'node:path';
import type { ImageList } from 'twoview';
import type { OpenedSet } from '../children/images-child.js';
import type { Found, Listed } from '../project/image-list.js';

export interface Scan {
  found: Found[];
  classes: string[];
  /** Class names by the order of `found`; null where there is none. */
  labels: (string | null)[];
}

/** A link in a folder must not show files of elsewhere; a table names its files itself. */
const LEAVES = 'it is a link that leads out of the folder';

export function scanOfFiles({ images, classes, root, isTable }: ImageList): Scan {
  const inside = (real: string) => isTable || real.startsWith(root.endsWith(sep) ? root : root + sep);
  return {
    found: images.map(({ path, real, part }) =>
      inside(real) ? { path, real, part, ignored: null } : { path, real: null, part, ignored: LEAVES },
    ),
    classes,
    labels: images.map(({ label }) => classes[label] ?? null),
  };
}

/** Of a set that is not made of files: its rows, part after part. */
export function scanOfRows({ parts, classes }: OpenedSet): Scan {
  return {
    found: parts.flatMap(({ part, count }) =>
      Array.from({ length: count }, () => ({ path: null, real: null, part, ignored: null })),
    ),
    classes,
    labels: parts.flatMap(({ labels }) => labels.map((label) => classes[label] ?? null)),
  };
}

/** Where the store has an image. */
export interface Place {
  part: 'train' | 'val' | 'test';
  row: number;
}

/**
 * Where the store has each image. Images without an entry were left out when it was made.
 *
 * @param fileOf the file of an image, absolute
 * @param from the folder that the paths of the set are named from
 */
export function placesOf(
  { parts }: OpenedSet,
  images: readonly Listed[],
  fileOf: (image: Listed) => string,
  from: string,
): Map<number, Place> {
  const places = new Map<number, Place>();
  let next = 0;
  const idOf = new Map(images.flatMap((image) => (image.path === null ? [] : [[fileOf(image), image.id]])));
  for (const { part, count, paths } of parts) {
    for (let row = 0; row < count; row++) {
      const id = paths === null ? next++ : idOf.get(resolve(from, paths[row]!));
      if (id !== undefined) places.set(id, { part, row });
    }
  }
  return places;
}
