/** @file Listed image files (a folder or a table) as a set. */
import { relative, sep } from 'node:path';
import { TwoviewError } from '../../errors.js';
import type { JobIo } from '../../runs/events.js';
import type { ImageSet } from '../image-set.js';
import { PARTS } from '../parts.js';
import { decodeAll } from '../pictures/decode-all.js';
import type { Failure } from '../pictures/decode-worker.js';
import { chooseSize } from '../pictures/image-size.js';
import type { Ground } from '../pictures/planes.js';
import { FAULTS, type Fault } from '../pictures/undecodable.js';
import { openStore, type Stored } from '../store/store.js';
import { allOf, type Listing, listingKey } from './listing.js';
import { splitHere } from './split-here.js';

export interface FileOptions {
  imageSize: number | 'auto';
  skipCorrupt: boolean;
  ground: Ground;
}

/** Raised whenever other pixels come out of the same files. */
const DECODER = 4;

/**
 * @param root the folder that paths are named from
 * @throws TwoviewError DATA_CORRUPT, DATA_UNSUPPORTED, DATA_TOO_LARGE, DATA_UNREADABLE naming the files; damaged ones can be left out
 */
export async function openListing(
  listed: Listing,
  root: string,
  { imageSize, skipCorrupt, ground }: FileOptions,
  io: JobIo,
): Promise<ImageSet> {
  const listing = splitHere(listed);
  const files = listingKey(listing, `${DECODER} ${skipCorrupt} ${ground}`);
  const chosen =
    imageSize === 'auto'
      ? await chooseSize(files, () => allOf(listing).map(({ image }) => image.path))
      : { size: imageSize, note: null };
  let left = listing;
  let leftOut: string[] = [];
  for (let attempt = 0; ; attempt++) {
    let failures: Failure[] = [];
    try {
      const set = await openStore(
        `${files}-${chosen.size}`, // the same whether the size was asked for or found
        io,
        async () => ({ ...contentsOf(left, chosen.size), leftOut }),
        async (file, places) => {
          const count = { train: 0, val: 0, test: 0 };
          const work = allOf(left).map(({ part, image }) => ({ path: image.path, at: places(part, count[part]++) }));
          const decoded = await decodeAll(file, work, { size: chosen.size, ground }, io);
          failures = decoded.failures;
          if (failures.length > 0) throw refused(failures, work.length);
          return decoded.notes;
        },
      );
      return finished(set, listing, root, chosen.note);
    } catch (error) {
      const onlyDamaged = failures.length > 0 && failures.every(({ fault }) => fault === 'damaged');
      if (!skipCorrupt || !onlyDamaged || attempt > 0) throw error;
      leftOut = failures.map(({ path }) => path);
      left = without(listing, new Set(leftOut));
      if (allOf(left).length === 0) throw error;
    }
  }
}

/** What a store does not keep: the listing may have come from a folder or from a table of the same files. */
function finished(set: Stored, listing: Listing, root: string, sizeNote: string | null): ImageSet {
  const held = without(listing, new Set(set.leftOut));
  for (const part of PARTS) {
    const split = set[part];
    if (split !== null)
      split.paths = held[part].map(({ path }) =>
        path.startsWith(root + sep) ? path.slice(root.length + 1) : relative(root, path),
      );
  }
  const jpeg = held.train.some(({ path }) => /\.(jpe?g|jpe|jfif)$/i.test(path));
  set.name = listing.name;
  set.root = root;
  set.notes = [
    ...held.notes,
    ...(sizeNote === null ? [] : [sizeNote]),
    ...(jpeg ? ['images are stored as JPEG, so they are slightly lossy'] : []),
    ...set.notes,
  ];
  return set;
}

function contentsOf({ name, classes, train, val, test }: Listing, imageSize: number) {
  const labels = (images: Listing['train']) => images.map(({ label }) => label);
  return { name, classes, imageSize, labels: { train: labels(train), val: labels(val), test: labels(test) } };
}

function without(listing: Listing, paths: ReadonlySet<string>): Listing {
  if (paths.size === 0) return listing;
  const keep = (images: Listing['train']) => images.filter(({ path }) => !paths.has(path));
  return {
    ...listing,
    ...{ train: keep(listing.train), val: keep(listing.val), test: keep(listing.test) },
    notes: [...listing.notes, `${paths.size} damaged images were left out`],
  };
}

const SHOWN = 5;

/** The faults have three different ways out, so each is an error of its own; what --skip-corrupt cannot help with comes first. */
function refused(failures: readonly Failure[], total: number): TwoviewError {
  const order: Fault[] = ['unreadable', 'unsupported', 'too large', 'damaged'];
  const fault = order.find((one) => failures.some((failure) => failure.fault === one))!;
  const these = failures.filter((failure) => failure.fault === fault);
  const { code, what, next } = FAULTS[fault];
  const others = failures.length - these.length;
  return new TwoviewError(code, {
    what: `${these.length} of ${total} images ${what}${others > 0 ? `; ${others} more have other faults` : ''}`,
    where: [
      ...these.slice(0, SHOWN).map(({ path, why }) => `${path}: ${why}`),
      ...(these.length > SHOWN ? [`and ${these.length - SHOWN} more`] : []),
    ].join('\n         '),
    next,
    cause: failures, // all of them, for a program
  });
}
