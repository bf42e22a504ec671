/** @file What labels must be for a classifier to be trained on them, and which of them can be left out. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { TwoviewError } from '../../errors.js';

/** @throws TwoviewError LABELS_MISSING */
export function requireClasses(labels: Tensor): void {
  const known = new Set<number>(labels.tolist());
  if (known.size > 1 && !known.has(-1)) return;
  throw new TwoviewError('LABELS_MISSING', {
    what: known.has(-1)
      ? 'a label of -1 is no class'
      : `a classifier needs labels of two classes, there ${known.size === 0 ? 'is none' : 'is one'}`,
    where: 'labels',
    next: ['label an image of another class', '--fraction MORE'],
  });
}

/** @returns how many labels each class has, of those that have one */
export function countsOf(labels: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

/** @returns places of the labels whose class has another one, and how many others there are */
export function placesThatCount(labels: readonly number[]): { places: number[]; single: number } {
  const count = countsOf(labels);
  const places = [...labels.keys()].filter((i) => count.get(labels[i]!)! > 1);
  return { places, single: labels.length - places.length };
}

/** Places as a tensor on the device of another. */
export const placesTensor = (places: readonly number[], beside: Tensor): Tensor =>
  torch.tensor([...places], { dtype: 'int64', device: beside.device });
