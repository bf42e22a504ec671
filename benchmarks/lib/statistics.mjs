/** @file Medians and their spread, and the taking of turns. */

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The smallest value that the share q of all values does not exceed. */
export const quantile = (values, q) => values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)];

/** The median, and the least and the largest value. */
export const summary = (values) => ({ median: median(values), low: Math.min(...values), high: Math.max(...values) });

/** What was measured once. */
export const exactly = (value) => summary([value]);

/**
 * Measures both sides in turns, so that what else the machine does hits both alike. The first turn warms up and is dropped;
 * which side goes first alternates.
 *
 * @param {number} repetitions
 * @param {() => number | Promise<number>} ours
 * @param {() => number | Promise<number>} theirs
 */
export async function inTurns(repetitions, ours, theirs) {
  const pairs = [];
  for (let i = 0; i <= repetitions; i++) {
    let a;
    let b;
    if (i % 2 === 0) {
      a = await ours();
      b = await theirs();
    } else {
      b = await theirs();
      a = await ours();
    }
    if (i > 0) pairs.push([a, b]);
  }
  return {
    ours: median(pairs.map(([a]) => a)),
    theirs: median(pairs.map(([, b]) => b)),
    ratio: summary(pairs.map(([a, b]) => a / b)),
    inverse: summary(pairs.map(([a, b]) => b / a)),
    pairs,
  };
}

/** Seconds that a synchronous function takes. */
export function seconds(body) {
  const start = performance.now();
  body();
  return (performance.now() - start) / 1000;
}
