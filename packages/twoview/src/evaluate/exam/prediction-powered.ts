/**
 * @file Accuracy on all images, from a random exam and from how certain the classifier is of all the others. What certainty explains of
 * right and wrong need not come from the exam alone:
 *
 *   theta = mean_exam(y) + lambda (mean_others(f) - mean_exam(f)),      lambda = cov(y, f) / ((1 + n / N) var(f)), kept in [0, 1]
 *   V     = var(y - lambda f) / n + lambda^2 var(f) / N
 *
 * y is 1 where the classifier was right, f its certainty; f may be wrong by any amount: theta is then no worse than mean(y).
 * Sources: Angelopoulos et al. 2023, arXiv 2301.09633; lambda: Angelopoulos, Duchi and Zrnic 2023 (PPI++), arXiv 2311.01453, section 6.
 *
 * Three differences. The variance of y - lambda f is divided by n - 2, since a mean and a slope were fitted to these n values. The var(f) in
 * lambda is that of the others, where the authors' code (ppi_python 0.2.3) pools them with the exam. And the interval is Wilson's with the
 * effective number of images, theta (1 - theta) / V, instead of theta ± 1.96 sqrt(V): it stays inside [0, 1], and holds the truth more often
 * where few images are wrong (packages/twoview/test/exam-interval.test.ts counts it).
 */
import { invalid, requireEqualLength, requireProbabilities } from './refuse.js';
import { bounds, type Share, wilson } from './wilson.js';

export interface Answers {
  /** Of each image of the exam: 1 where the classifier named its class, 0 where not. */
  examRight: readonly (0 | 1)[];
  /** Of the same images: the largest probability that the classifier gave to a class. */
  examCertainty: readonly number[];
  /**
   * Of images outside the exam, drawn from the same collection. Of those that the classifier was trained on: what it says of them when they
   * are left out (`leftOutProbabilities`), or it would be surer of them than of the exam.
   */
  certainty: ArrayLike<number>;
}

export interface Interval extends Share {
  method: 'wilson' | 'prediction-powered';
  /** In one sentence: why this method. */
  why: string;
  /** How many images of an exam alone would give such a narrow interval. */
  effective: number;
  /** What certainty counts: 0 nothing, 1 as it is. */
  lambda: number;
}

/** Images of an exam, and right and wrong ones among them, below which a variance from the exam itself is not trusted. */
export const LEAST_IMAGES = 100;
export const LEAST_EACH = 5;
/** A variance below it is that of equal certainties, whose mean was rounded. */
const ROUNDING = 1e-12;

/** @returns Wilson's interval of the exam alone where the exam is too small, and says so @throws TwoviewError EXAM_INVALID */
export function predictionPowered({ examRight, examCertainty, certainty }: Answers): Interval {
  requireEqualLength(examRight, examCertainty, 'examRight, examCertainty');
  requireProbabilities(examCertainty, 'examCertainty');
  requireProbabilities(certainty, 'certainty');
  const n = examRight.length;
  const right = countRight(examRight);
  if (n < LEAST_IMAGES) return plain(right, n, `the exam has fewer than ${LEAST_IMAGES} images`);
  if (Math.min(right, n - right) < LEAST_EACH) {
    return plain(right, n, `fewer than ${LEAST_EACH} images of the exam are ${right < n - right ? 'right' : 'wrong'}`);
  }
  if (certainty.length < n) return plain(right, n, 'there are fewer other images than images of the exam');
  const others = certainty.length;
  const [meanRight, meanCertainty] = [right / n, mean(examCertainty)];
  const meanOthers = mean(certainty);
  const varianceOthers = sumOver(certainty, (f) => (f - meanOthers) ** 2) / (others - 1);
  const covariance = sumOver(examRight, (y, i) => (y - meanRight) * (examCertainty[i]! - meanCertainty)) / (n - 1);
  const tuned = covariance / ((1 + n / others) * varianceOthers);
  const lambda = varianceOthers > ROUNDING ? Math.min(1, Math.max(0, tuned)) : 0;
  const offset = meanRight - lambda * meanCertainty;
  const residual = sumOver(examRight, (y, i) => (y - lambda * examCertainty[i]! - offset) ** 2) / (n - 2);
  const variance = residual / n + (lambda ** 2 * varianceOthers) / others;
  const theta = Math.min(1, Math.max(0, meanRight + lambda * (meanOthers - meanCertainty)));
  const spread = theta * (1 - theta);
  if (spread === 0) return plain(right, n, 'the estimate from certainties lies outside of 0 to 1');
  return {
    ...{ accuracy: theta, ...bounds(theta, variance / spread), n },
    ...{ method: 'prediction-powered', effective: spread / variance, lambda },
    why: `the exam and how certain the classifier is of ${others.toLocaleString('en')} other images`,
  };
}

/** The exam alone. */
export function plain(right: number, n: number, why: string): Interval {
  return { ...wilson(right, n), method: 'wilson', why: `the exam alone: ${why}`, effective: n, lambda: 0 };
}

/** @throws TwoviewError EXAM_INVALID */
export function countRight(examRight: readonly number[]): number {
  const at = examRight.findIndex((one) => one !== 0 && one !== 1);
  if (at >= 0) throw invalid(`answer ${at} is ${examRight[at]}`, 'examRight', 'give 1 for right and 0 for wrong');
  return examRight.reduce((a, b) => a + b, 0);
}

function sumOver(values: ArrayLike<number>, of: (value: number, i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += of(values[i]!, i);
  return sum;
}

const mean = (values: ArrayLike<number>): number => sumOver(values, (value) => value) / values.length;
