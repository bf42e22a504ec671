/**
 * @file Whether a classifier that is 80 % certain is right in 80 % of cases: the reliability diagram, with an interval for each bin, since a
 * bin of an exam has few images. Source: Guo et al. 2017, arXiv 1706.04599, section 2.
 */
import { invalid, requireEqualLength, requireProbabilities } from './refuse.js';
import { type Share, wilson } from './wilson.js';

export interface CalibrationBin extends Share {
  /** Certainties from here ... */
  from: number;
  /** ... to below here; 1 itself is in the last bin. */
  to: number;
  /** Mean certainty of the bin; null where it is empty. */
  certainty: number | null;
}

/** @param right 1 or 0 of each image @param certainty of its predicted class @returns bins of equal width @throws TwoviewError EXAM_INVALID */
export function calibrationBins(
  right: readonly (0 | 1)[],
  certainty: readonly number[],
  { bins = 10 } = {},
): CalibrationBin[] {
  requireEqualLength(right, certainty, 'right, certainty');
  requireProbabilities(certainty, 'certainty');
  if (!Number.isInteger(bins) || bins < 1) throw invalid(`${bins} bins cannot be`, 'bins', 'give 1 or more');
  const sums = Array.from({ length: bins }, () => ({ n: 0, right: 0, certainty: 0 }));
  for (const [i, value] of certainty.entries()) {
    const bin = sums[Math.min(bins - 1, Math.floor(value * bins))]!;
    bin.n++;
    bin.right += right[i]!;
    bin.certainty += value;
  }
  return sums.map((bin, i) => ({
    ...{ from: i / bins, to: (i + 1) / bins, certainty: bin.n === 0 ? null : bin.certainty / bin.n },
    ...wilson(bin.right, bin.n),
  }));
}
