/** @file `shapes` and `shapes-source` as image sets: several thousand pictures in seconds, no download. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { JobIo } from '../runs/events.js';
import { endIfAsked } from '../runs/stops.js';
import type { ImageSet } from './image-set.js';
import { drawShape, SHAPE_CLASSES, SIZE } from './shapes.js';
import { openStore } from './store.js';

export const SHAPE_SETS = Object.keys(SHAPE_CLASSES);
const TRAIN = 8000;
const TEST = 2000;
/** Changes whenever a picture would change. */
const VERSION = 6;

export function openShapes(name: string, io: JobIo): Promise<ImageSet> {
  const classes = Object.keys(SHAPE_CLASSES[name]!);
  const labels = (count: number) => Array.from({ length: count }, (_, i) => i % classes.length);
  return openStore(
    `${name}-${VERSION}`,
    io,
    async () => ({
      name,
      classes,
      imageSize: SIZE,
      notes: ['generated pictures, not photographs'],
      train: labels(TRAIN),
      test: labels(TEST),
    }),
    async (file, place) => {
      const handle = openSync(file, 'r+');
      try {
        for (let i = 0; i < TRAIN + TEST; i++) {
          const pixels = drawShape(name, i % classes.length, i);
          writeSync(handle, pixels, 0, pixels.length, i < TRAIN ? place('train', i) : place('test', i - TRAIN));
          if (i % 250 === 249) {
            io.onEvent?.({
              type: 'progress',
              phase: `drawing ${name}`,
              done: i + 1,
              total: TRAIN + TEST,
              unit: 'pictures',
            });
            await new Promise(setImmediate);
            endIfAsked(io.signal);
          }
        }
      } finally {
        closeSync(handle);
      }
    },
  );
}
