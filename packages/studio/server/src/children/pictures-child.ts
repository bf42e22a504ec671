/** @file The child that makes thumbnails and re-encodes originals: no byte of a picture is decoded in the server. */
import sharp from 'sharp';
import { type Drawn, fromFile, OnlyInStore, sizeOfFile } from '../pictures/from-file.js';
import type { StorePixels } from '../pictures/store-pixels.js';
import { Refusal } from '../refusal.js';
import type { SourceOptions } from './images-child.js';
import { serve } from './serve.js';

export interface Wanted {
  /** Null for sets that are not files of pictures. */
  file: { path: string; real: string } | null;
  /** Where the store has it, where there is a store. */
  at: { part: 'train' | 'val' | 'test'; row: number } | null;
  /** Longer side, in pixels. */
  size: number;
}

sharp.concurrency(1); // several pictures at once, each by one thread
let store: StorePixels | null = null;

const functions = {
  /** From now on there is a store. */
  useStore: async ({ source, reading }: SourceOptions): Promise<void> => {
    // Thumbnails of files need none of it.
    const [{ openImages }, { StorePixels }] = await Promise.all([
      import('twoview'),
      import('../pictures/store-pixels.js'),
    ]);
    store = new StorePixels(await openImages(source, reading));
  },

  draw: async ({ file, at, size }: Wanted): Promise<Drawn> => {
    if (file === null) return await store!.draw(at!, size);
    try {
      return await fromFile(file, size);
    } catch (error) {
      if (!(error instanceof OnlyInStore)) throw error;
      if (store === null || at === null) throw new Refusal('NOT_READY', error.message);
      return await store.draw(at, size);
    }
  },

  view: async ({ at, n }: { at: NonNullable<Wanted['at']>; n: number }): Promise<Drawn> => await store!.view(at, n),

  measure: sizeOfFile,
};

export type PicturesChild = {
  [Name in keyof typeof functions]: (
    args: Parameters<(typeof functions)[Name]>[0],
  ) => ReturnType<(typeof functions)[Name]>;
};

serve(functions);
