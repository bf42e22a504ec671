/**
 * @file The 95 % interval of a share that was counted in a random sample.
 *
 *   (p + z^2 / 2n  ±  z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n),   z = 1.96
 *
 * Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference", J. Am. Stat. Assoc. 22. Its mean coverage is
 * close to 95 % at every n, where p ± z sqrt(p (1 - p) / n) has too little near 0 and 1: Brown, Cai and DasGupta 2001, Statistical Science 16.
 * The collection counts as infinite: where the sample is a large part of it the interval for all of it is wider than it needs to be.
 */
import { invalid } from './refuse.js';

export interface Share {
  /** right / n; 0 where nothing was counted */
  accuracy: number;
  low: number;
  high: number;
  n: number;
}

/** 0.975 of the standard normal distribution. */
export const Z = 1.959963984540054;

/** @returns 0 to 1 for n = 0: nothing is known @throws TwoviewError EXAM_INVALID */
export function wilson(right: number, n: number): Share {
  if (!Number.isInteger(right) || !Number.isInteger(n) || right < 0 || right > n) {
    throw invalid(`${right} right of ${n} cannot be`, 'right, n', 'count images: 0 <= right <= n');
  }
  if (n === 0) return { accuracy: 0, low: 0, high: 1, n };
  return { accuracy: right / n, ...bounds(right / n, 1 / n), n };
}

/** @param share from 0 to 1 @param perImage one over the number of images that say so, which need not be whole */
export function bounds(share: number, perImage: number): { low: number; high: number } {
  const centre = share + (Z ** 2 * perImage) / 2;
  const half = Z * Math.sqrt(share * (1 - share) * perImage + (Z * perImage) ** 2 / 4);
  const [low, high] = [centre - half, centre + half].map((x) => x / (1 + Z ** 2 * perImage)) as [number, number];
  // At 0 and 1 rounding leaves 1e-17 of what is 0.
  return { low: share === 0 ? 0 : Math.max(0, low), high: share === 1 ? 1 : Math.min(1, high) };
}
