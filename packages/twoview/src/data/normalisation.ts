/** @file Mean and deviation of each channel, from the training images themselves. */
import * as torch from '@twoview/torch';
import type { Normalisation } from '../augment/chunks.js';
import { TwoviewError } from '../errors.js';
import type { Split } from './image-set.js';

/** What stands beside weights. @throws TwoviewError WEIGHTS_CORRUPT */
export function parseNormalisation(text: string, file: string): Normalisation {
  const three = (value: unknown) =>
    Array.isArray(value) && value.length === 3 && value.every((x) => Number.isFinite(x));
  try {
    const value = JSON.parse(text);
    if (three(value?.mean) && three(value?.std)) return value;
  } catch {}
  throw new TwoviewError('WEIGHTS_CORRUPT', {
    what: `mean and deviation of this file cannot be read: ${text.slice(0, 80)}`,
    where: file,
    next: ['copy or download the file again', '--mean and --std  name them, where a command has them'],
  });
}

/** More images change the third digit no more. */
const SAMPLE = 5000;

/** Over evenly spaced images, in units where white is 1. */
export function normalisationOf({ images, count }: Split): Normalisation {
  return torch.scope(() => {
    const step = Math.max(1, Math.floor(count / SAMPLE));
    const some = images.slice(0, 0, count, step).to('float32').div_(255);
    const round = (x: torch.Tensor) => x.tolist().map((value) => Math.round(value * 1e4) / 1e4);
    const std = round(some.std([0, 2, 3], { correction: 0 }));
    return { mean: round(some.mean([0, 2, 3])), std: std.map((value) => Math.max(value, 0.01)) };
  });
}
