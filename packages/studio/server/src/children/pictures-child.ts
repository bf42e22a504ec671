/** @file The child that makes thumbnails and re-encodes originals: no byte of a picture is decoded in the server. */
import sharp from 'sharp';
import { type Drawn, fromFile, OnlyInStore, type PictureFile, sizeOfFile } from '../pictures/from-file.js';
import type { StorePixels } from '../pictures/store-pixels.js';
import type { Place } from '../source/found-images.js';
import type { SourceOptions } from './images-child.js';
import { serve } from './serve.js';

sharp.concurrency(1); // several pictures at once, each by one thread
let store: StorePixels | null = null;

const functions = {
  /** From now on there is a store. */
  useStore: async ({ source, reading }: SourceOptions): Promise<void> => {
    // Pictures of files need none of it.
    const [{ openImages }, { StorePixels }] = await Promise.all([
      import('twoview'),
      import('../pictures/store-pixels.js'),
    ]);
    store = new StorePixels(await openImages(source, reading));
  },

  /** @param size of the longer side, in pixels @returns null where only the store can show it: the kind of file is none of sharp's */
  fromFile: async ({ file, size }: { file: PictureFile; size: number }): Promise<Drawn | null> => {
    try {
      return await fromFile(file, size);
    } catch (error) {
      if (error instanceof OnlyInStore) return null;
      throw error;
    }
  },

  fromStore: async ({ at, size }: { at: Place; size: number }): Promise<Drawn> => await store!.draw(at, size),

  view: async ({ at, n }: { at: Place; n: number }): Promise<Drawn> => await store!.view(at, n),

  measure: sizeOfFile,
};

export type PicturesChild = {
  [Name in keyof typeof functions]: (
    args: Parameters<(typeof functions)[Name]>[0],
  ) => ReturnType<(typeof functions)[Name]>;
};

serve(functions);
