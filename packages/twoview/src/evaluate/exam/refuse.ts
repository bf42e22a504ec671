/** @file The one error of this folder: numbers that cannot come from one exam. */
import { TwoviewError } from '../../errors.js';

/** @returns EXAM_INVALID */
export const invalid = (what: string, where: string, next: string): TwoviewError =>
  new TwoviewError('EXAM_INVALID', { what, where, next: [next] });

/** @throws TwoviewError EXAM_INVALID where two lists about the same images are not of one length */
export function requireEqualLength(a: ArrayLike<unknown>, b: ArrayLike<unknown>, where: string): void {
  if (a.length === b.length) return;
  throw invalid(
    `there are ${a.length} values of one and ${b.length} of the other`,
    where,
    'give one value of each for every image, in the same order',
  );
}

/** @throws TwoviewError EXAM_INVALID for a class that is no whole number from 0 to numClasses - 1 */
export function requireClassesBelow(numClasses: number, classes: readonly number[], where: string): void {
  const at = classes.findIndex((one) => !Number.isInteger(one) || one < 0 || one >= numClasses);
  if (at < 0) return;
  throw invalid(
    `image ${at} has class ${classes[at]}, and classes are 0 to ${numClasses - 1}`,
    where,
    'leave out images whose class is not known',
  );
}

/** @throws TwoviewError EXAM_INVALID for what is no probability */
export function requireProbabilities(values: ArrayLike<number>, where: string): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i]! >= 0 && values[i]! <= 1) continue;
    throw invalid(`value ${i} is ${values[i]}, and a certainty lies between 0 and 1`, where, 'give probabilities');
  }
}
