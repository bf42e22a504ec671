/**
 * @file How the error falls with the number of labels: error(s) = floor + a s^-b, by least squares on logarithms for a given floor.
 *
 * Source: Viering and Loog 2021, "The shape of learning curves", arXiv 2103.10948, section 4.1, where the law with a floor (POW3) fits best.
 * The floor, the error that no label removes, cannot be told from a curve of few points, so it is not fitted: forecast.ts draws it.
 */

/**
 * @param labels numbers of labels, at least two different ones
 * @param errors of them, above the floor
 * @returns b, 0 where the error does not fall
 */
export function exponentOf(labels: readonly number[], errors: readonly number[], floor: number): number {
  const x = labels.map(Math.log);
  const y = errors.map((error) => Math.log(error - floor));
  const [meanX, meanY] = [mean(x), mean(y)];
  const slope =
    x.reduce((sum, value, i) => sum + (value - meanX) * (y[i]! - meanY), 0) /
    x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  return Math.max(0, -slope);
}

/** @returns how much of an error, by which it is above its floor, is gone after so many labels more */
export const gainBy = (above: number, b: number, labels: number, more: number): number =>
  above * (1 - (1 + more / labels) ** -b);

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
