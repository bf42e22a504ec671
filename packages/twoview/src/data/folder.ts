/** @file Listed image files (a folder or a CSV) as a set. */
import { relative } from 'node:path';
import { TwoviewError } from '../errors.js';
import type { JobIo } from '../runs/events.js';
import { decodeAll } from './decode-all.js';
import type { ImageSet } from './image-set.js';
import { type ChosenSize, settledSize } from './image-size.js';
import { type Listing, listingHash } from './listing.js';
import { splitHere } from './split-here.js';
import { openStore, type Stored } from './store.js';

export interface OpenOptions {
  imageSize: number | 'auto';
  skipCorrupt: boolean;
}

/**
 * @param root the folder that paths are named from
 * @throws TwoviewError DATA_CORRUPT naming the damaged files, unless they are to be left out
 */
export async function openListing(
  listed: Listing,
  root: string,
  { imageSize, skipCorrupt }: OpenOptions,
  io: JobIo,
): Promise<ImageSet> {
  const listing = splitHere(listed);
  const files = listingHash(listing, `2 ${skipCorrupt}`);
  const paths = [...listing.train, ...listing.test].map(({ path }) => path);
  const chosen = imageSize === 'auto' ? await settledSize(files, paths) : { size: imageSize, note: null };
  const hash = `${files}-${chosen.size}`; // the same whether the size was asked for or found
  let left = listing;
  let leftOut: string[] = [];
  for (let attempt = 0; ; attempt++) {
    const corrupt: { path: string; why: string }[] = [];
    try {
      const set = await openStore(
        hash,
        io,
        async () => ({ ...describe(left, chosen), leftOut }),
        async (file, place, { imageSize: size }) => {
          const files = (['train', 'test'] as const).flatMap((split) =>
            left[split].map(({ path }, i) => ({ path, at: place(split, i) })),
          );
          corrupt.push(...(await decodeAll(file, size, files, io)));
          if (corrupt.length > 0) throw damaged(corrupt, files.length);
        },
      );
      set.name = listed.name; // a folder and a table of the same files share a store
      namePaths(set, listing, root);
      return set;
    } catch (error) {
      if (!skipCorrupt || corrupt.length === 0 || attempt > 0) throw error;
      leftOut = corrupt.map(({ path }) => path);
      left = without(left, new Set(leftOut));
    }
  }
}

/** Stores of before damaged files were noted do not say which of the files they hold. */
function namePaths({ train, test, leftOut }: Stored, listing: Listing, root: string): void {
  const held = without(listing, new Set(leftOut));
  const paths = (images: Listing['train']) => images.map(({ path }) => relative(root, path));
  if (held.train.length !== train.count || held.test.length !== (test?.count ?? 0)) return;
  train.paths = paths(held.train);
  if (test !== null) test.paths = paths(held.test);
}

function describe({ name, classes, train, test, notes }: Listing, { size, note }: ChosenSize) {
  const recompressed = train.some(({ path }) => /\.jpe?g$/i.test(path))
    ? ['images are stored as JPEG, so they are slightly lossy']
    : [];
  return {
    name,
    classes,
    imageSize: size,
    notes: [...notes, ...(note === null ? [] : [note]), ...recompressed],
    train: train.map(({ label }) => label),
    test: test.map(({ label }) => label),
  };
}

function without(listing: Listing, paths: Set<string>): Listing {
  const keep = (images: Listing['train']) => images.filter(({ path }) => !paths.has(path));
  return {
    ...listing,
    train: keep(listing.train),
    test: keep(listing.test),
    notes: [...listing.notes, `${paths.size} damaged images were left out`],
  };
}

const SHOWN = 5;

function damaged(corrupt: { path: string; why: string }[], total: number): TwoviewError {
  return new TwoviewError('DATA_CORRUPT', {
    what: `${corrupt.length} of ${total} images could not be read`,
    where: [
      ...corrupt.slice(0, SHOWN).map(({ path, why }) => `${path}: ${why}`),
      ...(corrupt.length > SHOWN ? [`and ${corrupt.length - SHOWN} more`] : []),
    ].join('\n         '),
    next: ['mend or remove them', '--skip-corrupt  leaves them out, and counts them'],
  });
}
