/** @file An image in words, for those who do not see it, and in short marks for those who do. */
import { FLAGS } from '../api/types.js';
import { percent } from './format.js';

const MARKS = ['twin', 'plain', 'blurred', 'ignored', 'exam'] as const;

export const marksOf = (flags: number): string[] => MARKS.filter((mark) => (flags & FLAGS[mark]) !== 0);

export function describe(
  id: number,
  image: { label: number; predicted: number; certainty: number; flags: number },
  nameOf: (label: number) => string,
): string {
  const parts = [`image ${id}`, image.label >= 0 ? `label ${nameOf(image.label)}` : 'no label'];
  // The exam is answered blind.
  if (image.label < 0 && image.predicted >= 0 && (image.flags & FLAGS.exam) === 0) {
    parts.push(`predicted ${nameOf(image.predicted)}, ${percent(image.certainty, 0)}`);
  }
  return [...parts, ...marksOf(image.flags)].join(', ');
}
