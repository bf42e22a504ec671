/**
 * @file Labels that are likely wrong: confident learning, on what a classifier says of each image when that image was left out.
 *
 *   t_j  = mean of p_ij over images i that are labelled j
 *   l_i  = argmax of p_ij over classes j with p_ij >= t_j, where there is one
 *   C_kj = images that are labelled k and have l_i = j; suspects have l_i != k, ranked by p_ik - max_{j != k} p_ij, least first
 *
 * Source: Northcutt, Jiang and Chuang 2021, arXiv 1911.00068, equations 1 and 2, and section 3.2 (the confident joint's off-diagonals).
 * As in cleanlab 2.9, an image whose most probable class is the given one is no suspect. cleanlab takes the most probable class where several
 * reach their threshold, even if that one does not; here it is the most probable one of those that do, as in the paper.
 */
import type { Tensor } from '@twoview/torch';
import { invalid, requireClassesBelow } from './refuse.js';

export interface Suspect {
  /** Row of the probabilities. */
  index: number;
  given: number;
  suggested: number;
  /** Probability of the suggested class. */
  certainty: number;
  /** Probability of the given class less the largest of the others: from -1 to 0, the surest suspects first. */
  margin: number;
}

export interface Suspects {
  suspects: Suspect[];
  /** Of each class; null where no image has this label, which is then never suggested. */
  thresholds: (number | null)[];
  /** The confident joint: rows are given classes, columns the ones of which the classifier is sure. */
  joint: number[][];
}

/** Thresholds are means of the same numbers they are compared with. */
const ROUNDING = 1e-6;

/**
 * @param probabilities [n, C] of images that were left out one by one (`leftOutProbabilities`) or by folds: of a classifier that has
 *   learned them, wrong labels look right
 * @param labels [n] the given classes
 * @throws TwoviewError EXAM_INVALID
 */
export function suspectLabels(probabilities: Tensor, labels: readonly number[]): Suspects {
  const [n, numClasses] = probabilities.shape as [number, number];
  if (probabilities.shape.length !== 2 || n !== labels.length) {
    throw invalid(
      `probabilities have shape [${probabilities.shape}] for ${labels.length} labels`,
      'probabilities, labels',
      'give a row for each label and a column for each class',
    );
  }
  requireClassesBelow(numClasses, labels, 'labels');
  const flat: number[] = probabilities.tolist();
  const at = (i: number, j: number) => flat[i * numClasses + j]!;
  const thresholds = thresholdsOf(at, labels, numClasses);
  const joint = Array.from({ length: numClasses }, () => new Array<number>(numClasses).fill(0));
  const suspects: Suspect[] = [];
  for (const [index, given] of labels.entries()) {
    let [suggested, other] = [-1, -1];
    for (let j = 0; j < numClasses; j++) {
      const threshold = thresholds[j];
      if (typeof threshold === 'number' && at(index, j) >= threshold - ROUNDING) {
        if (suggested < 0 || at(index, j) > at(index, suggested)) suggested = j;
      }
      if (j !== given && (other < 0 || at(index, j) > at(index, other))) other = j;
    }
    if (suggested < 0) continue;
    joint[given]![suggested]!++;
    if (suggested === given || at(index, other) <= at(index, given)) continue;
    const margin = at(index, given) - at(index, other);
    suspects.push({ index, given, suggested, certainty: at(index, suggested), margin });
  }
  return { suspects: suspects.sort((a, b) => a.margin - b.margin || a.index - b.index), thresholds, joint };
}

function thresholdsOf(
  at: (i: number, j: number) => number,
  labels: readonly number[],
  numClasses: number,
): (number | null)[] {
  const sums = new Array<number>(numClasses).fill(0);
  const counts = new Array<number>(numClasses).fill(0);
  for (const [i, label] of labels.entries()) {
    sums[label]! += at(i, label);
    counts[label]!++;
  }
  return sums.map((sum, j) => (counts[j] === 0 ? null : sum / counts[j]!));
}
