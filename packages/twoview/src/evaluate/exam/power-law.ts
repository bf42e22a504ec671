/**
 * @file How the error falls with the number of labels: error(s) = a s^-b, by least squares on logarithms.
 *
 * Source: Viering and Loog 2021, "The shape of learning curves", arXiv 2103.10948, section 4.1. A law with an offset (the error that no label
 * removes) has a parameter more than a curve of few points can tell; this one is for steps of the length of the curve, not for its end.
 */

/** @param labels numbers of labels, at least two different ones @param errors of them, above 0 @returns b, 0 where the error does not fall */
export function exponentOf(labels: readonly number[], errors: readonly number[]): number {
  const [x, y] = [labels, errors].map((values) => values.map(Math.log)) as [number[], number[]];
  const [meanX, meanY] = [mean(x), mean(y)];
  const slope =
    x.reduce((sum, value, i) => sum + (value - meanX) * (y[i]! - meanY), 0) /
    x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  return Math.max(0, -slope);
}

/** @returns how much of `error` is gone after so many labels more */
export const gainBy = (error: number, b: number, labels: number, more: number): number =>
  error * (1 - (1 + more / labels) ** -b);

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
