/** @file How often each class was named right, how often it was named at all, and which images were taken for which class. */
import { requireClassesBelow, requireEqualLength } from './refuse.js';
import { type Share, wilson } from './wilson.js';

export interface ClassAccuracy {
  /** Of the images of this class, how many were named so (recall). */
  found: Share;
  /** Of the images that were named so, how many are of this class (precision). */
  named: Share;
}

/** @param truth classes of the exam @param predicted of the same images @returns a row a class @throws TwoviewError EXAM_INVALID */
export function perClass(truth: readonly number[], predicted: readonly number[], numClasses: number): ClassAccuracy[] {
  requireAnswers(truth, predicted, numClasses);
  const rows = Array.from({ length: numClasses }, () => ({ right: 0, images: 0, named: 0 }));
  for (const [i, t] of truth.entries()) {
    rows[t]!.images++;
    rows[predicted[i]!]!.named++;
    if (t === predicted[i]) rows[t]!.right++;
  }
  return rows.map(({ right, images, named }) => ({ found: wilson(right, images), named: wilson(right, named) }));
}

export interface ConfusionCell {
  truth: number;
  predicted: number;
  /** Places in the lists that were given. */
  images: number[];
}

/** @returns the cells that hold images, by truth and then prediction @throws TwoviewError EXAM_INVALID */
export function confusion(truth: readonly number[], predicted: readonly number[], numClasses: number): ConfusionCell[] {
  requireAnswers(truth, predicted, numClasses);
  const cells = new Map<number, number[]>();
  for (const [i, t] of truth.entries()) {
    const cell = t * numClasses + predicted[i]!;
    const images = cells.get(cell);
    if (images === undefined) cells.set(cell, [i]);
    else images.push(i);
  }
  return [...cells]
    .sort(([a], [b]) => a - b)
    .map(([cell, images]) => ({ truth: Math.floor(cell / numClasses), predicted: cell % numClasses, images }));
}

function requireAnswers(truth: readonly number[], predicted: readonly number[], numClasses: number): void {
  requireEqualLength(truth, predicted, 'truth, predicted');
  requireClassesBelow(numClasses, truth, 'truth');
  requireClassesBelow(numClasses, predicted, 'predicted');
}
