/** @file Whether a run that is resumed sees the images that it began with: by what they hold, however their folder is spelt. */
import { TwoviewError } from '../errors.js';

/** What a run remembers of a set. */
export interface SeenImages {
  hash: string;
  name: string;
  classes: readonly string[];
  imageSize: number;
  train: { count: number };
  val: { count: number } | null;
  test: { count: number } | null;
}

export interface RememberedImages {
  hash: string;
  name: string;
  classes: number;
  imageSize: number;
  train: number;
  val: number;
  test: number;
}

export const remembered = ({ hash, name, classes, imageSize, train, val, test }: SeenImages): RememberedImages => ({
  ...{ hash, name, classes: classes.length, imageSize },
  ...{ train: train.count, val: val?.count ?? 0, test: test?.count ?? 0 },
});

const WORDS = {
  train: 'training images',
  val: 'validation images',
  test: 'test images',
  classes: 'classes',
  imageSize: 'pixels a side',
} as const;

/** Whether this was written by `remembered`. */
export const isRemembered = (value: unknown): value is RememberedImages =>
  typeof value === 'object' &&
  value !== null &&
  'hash' in value &&
  Object.keys(WORDS).every((key) => typeof (value as Record<string, unknown>)[key] === 'number');

/** @throws TwoviewError RUN_DATA_CHANGED saying what differs */
export function requireSame(run: string, setting: string, was: RememberedImages, now: RememberedImages): void {
  if (was.hash === now.hash) return;
  const different = (Object.keys(WORDS) as (keyof typeof WORDS)[]).filter((key) => was[key] !== now[key]);
  const changes = different.map(
    (key) => `${was[key].toLocaleString('en')} ${WORDS[key]} there, ${now[key].toLocaleString('en')} here`,
  );
  throw new TwoviewError('RUN_DATA_CHANGED', {
    what: `the images of --${setting} have changed since this run began: ${
      changes.length > 0 ? changes.join('; ') : 'as many as before, with other pixels, labels or class names'
    }`,
    where: run,
    next: ['give the images as they were', '--out OTHER  starts a new run with these'],
  });
}
