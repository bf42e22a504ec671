/** @file `shapes` and `shapes-source` as image sets: several thousand pictures in seconds, no download. */
import type { JobIo } from '../../runs/events.js';
import type { ImageSet } from '../image-set.js';
import type { Listed } from './listing.js';
import { openRows } from './open-rows.js';
import { drawShape, SHAPE_CLASSES, SIZE } from './shapes.js';

export const SHAPE_SETS = Object.keys(SHAPE_CLASSES);
const TRAIN = 8000;
const TEST = 2000;
/** Changes whenever a picture would change, or the form of stores. */
const VERSION = 7;

export function openShapes(name: string, io: JobIo): Promise<ImageSet> {
  const classes = Object.keys(SHAPE_CLASSES[name]!);
  const listed = (part: string, count: number): Listed[] =>
    Array.from({ length: count }, (_, i) => ({ path: `${part}:${i}`, label: i % classes.length }));
  const notes = ['generated images, not photographs'];
  return openRows(`${name}-${VERSION}`, io, `drawing ${name}`, async () => ({
    listing: { name, classes, train: listed('train', TRAIN), val: [], test: listed('test', TEST), notes },
    imageSize: SIZE,
    pixels: ({ path, label }) => {
      const [part, index] = path.split(':') as [string, string];
      return drawShape(name, label, part === 'train' ? Number(index) : TRAIN + Number(index));
    },
  }));
}
