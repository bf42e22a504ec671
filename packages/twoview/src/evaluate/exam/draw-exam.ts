/** @file The exam: a random sample of images that is set aside for good, before anything is trained or chosen. */
import { permutation } from '../../data/indices.js';
import { invalid } from './refuse.js';

/**
 * @param count images in the collection
 * @param size of the exam
 * @param exclude images that were seen already: labelled, chosen, or without a file
 * @returns indices in the order in which they were drawn. Any first part of them is a random sample too: an exam that is answered in this
 *   order can be read off before it is finished, and a larger one of the same seed begins with a smaller one.
 * @throws TwoviewError EXAM_INVALID where there are not so many images
 */
export function drawExam(count: number, size: number, seed: number, exclude: Iterable<number> = []): number[] {
  const out = new Set(exclude);
  const left = permutation(count, seed, 'exam').filter((index) => !out.has(index));
  if (!Number.isInteger(size) || size < 1 || size > left.length) {
    throw invalid(
      `an exam of ${size} images cannot be drawn from ${left.length}, ${count - left.length} of ${count} being excluded`,
      'size',
      'draw the exam before labelling, and fewer images than there are',
    );
  }
  return left.slice(0, size);
}
