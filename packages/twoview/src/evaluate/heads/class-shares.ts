/**
 * @file The shares of the classes among all images, guessed from a handful of labels: those among the labels, shrunk towards equal ones by as
 * much as chance makes them differ. Source: Hausser and Strimmer 2009, "Entropy inference and the James-Stein estimator", JMLR 10, equations
 * 4 to 6; here among the classes that have a label.
 */
import { countsOf } from './labels.js';

/** @returns the share of each class that occurs; they sum to 1 */
export function classShares(labels: readonly number[]): Map<number, number> {
  const counts = countsOf(labels);
  const n = labels.length;
  const target = 1 / counts.size;
  const shares = [...counts].map(([label, count]) => [label, count / n] as const);
  const squares = shares.reduce((sum, [, share]) => sum + share ** 2, 0);
  const apart = shares.reduce((sum, [, share]) => sum + (target - share) ** 2, 0);
  const shrunk = n < 2 || apart === 0 ? 1 : Math.min(1, (1 - squares) / ((n - 1) * apart));
  return new Map(shares.map(([label, share]) => [label, shrunk * target + (1 - shrunk) * share]));
}

/** @returns how much each label counts, 1 in the mean, so that classes have these shares */
export function labelWeights(labels: readonly number[]): number[] {
  const shares = classShares(labels);
  const counts = countsOf(labels);
  return labels.map((label) => (labels.length * shares.get(label)!) / counts.get(label)!);
}
