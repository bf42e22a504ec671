/** @file Sets that hold pixels and no image files (CIFAR batches, safetensors, generated images) as a store. */
import { closeSync, openSync } from 'node:fs';
import type { JobIo } from '../../runs/events.js';
import { endIfAsked } from '../../runs/stops.js';
import type { ImageSet } from '../image-set.js';
import { openStore } from '../store/store.js';
import { writeImage } from '../store/store-file.js';
import { allOf, type Listed, type Listing } from './listing.js';

/** Images between two looks at Ctrl-C. */
const TOGETHER = 250;

export interface Rows {
  listing: Listing;
  imageSize: number;
  /** [3, S, S] uint8 of an image of the listing. */
  pixels(image: Listed): Uint8Array;
}

/** @param key what finds the store again @param read asked only where there is no store yet */
export async function openRows(key: string, io: JobIo, phase: string, read: () => Promise<Rows>): Promise<ImageSet> {
  let rows: Rows | null = null;
  const once = async () => {
    rows ??= await read();
    return rows;
  };
  return await openStore(
    key,
    io,
    async () => {
      const { listing, imageSize } = await once();
      const labels = (images: readonly Listed[]) => images.map(({ label }) => label);
      const { name, classes, train, val, test } = listing;
      return { name, classes, imageSize, labels: { train: labels(train), val: labels(val), test: labels(test) } };
    },
    async (file, places) => {
      const { listing, pixels } = await once();
      const all = allOf(listing);
      const count = { train: 0, val: 0, test: 0 };
      const handle = openSync(file, 'r+');
      try {
        for (const [i, { part, image }] of all.entries()) {
          writeImage(handle, places(part, count[part]++), pixels(image));
          if (i % TOGETHER !== TOGETHER - 1 && i !== all.length - 1) continue;
          io.onEvent?.({ type: 'progress', phase, done: i + 1, total: all.length, unit: 'images' });
          await new Promise(setImmediate);
          endIfAsked(io.signal);
        }
      } finally {
        closeSync(handle);
      }
      return listing.notes;
    },
  );
}
