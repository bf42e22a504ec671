/** @file Some of many, at even steps. */

/** Of more labels than this, as a source of labelled images has, a classifier learns from some. */
export const MOST_LABELS = 5000;

/** @returns all where there are no more than `most` */
export function atEvenSteps<T>(all: readonly T[], most: number): T[] {
  const step = Math.max(1, all.length / most);
  return Array.from({ length: Math.floor(all.length / step) }, (_, i) => all[Math.floor(i * step)]!);
}
