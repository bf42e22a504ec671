/**
 * @file How much accuracy depends on which labels were drawn, not how many: the variance between random parts of s of n labels, of which
 * the part that comes from the exam having few images is taken off (two-way analysis of variance, parts x images).
 *
 *   var(accuracy(s) - accuracy(n)) = sigma^2 (1 / s - 1 / n)
 *
 * as of any mean over draws without replacement. The same sigma then says how much the next labels can surprise:
 * var(accuracy(n + more) - accuracy(n)) = sigma^2 (1 / n - 1 / (n + more)).
 */
import type { LabelCurve } from './label-curve.js';

/**
 * Sizes from half of the labels on have the right sigma (on CIFAR-10 it grew from 0.18 to 0.30 between 25 and 100 labels), but with an exam of
 * 200 their estimate is often 0 by chance. All sizes together are steady and too low. The larger of both is taken.
 *
 * @param curve of at least two sizes
 * @returns sigma^2, 0 where nothing is seen of it
 */
export function labelVariance({ points, exam }: LabelCurve): number {
  const n = points.at(-1)!.labels;
  const over = (least: number) => {
    let [variance, unit] = [0, 0];
    for (const { labels, random } of points) {
      if (labels === n || labels < least) continue;
      variance += betweenParts(random, exam);
      unit += 1 / labels - 1 / n;
    }
    return unit === 0 ? 0 : variance / unit;
  };
  return Math.max(0, over(0), over(n / 2));
}

/** @param parts [R][m] of 0 and 1 @returns the variance of a part's accuracy on endlessly many images; may be below 0 by chance */
export function betweenParts(parts: readonly Uint8Array[], m: number): number {
  const rows = parts.map((part) => part.reduce((a, b) => a + b, 0) / m);
  const all = rows.reduce((a, b) => a + b, 0) / rows.length;
  const columns = Array.from({ length: m }, (_, i) => parts.reduce((sum, part) => sum + part[i]!, 0) / parts.length);
  const between = (m * rows.reduce((sum, row) => sum + (row - all) ** 2, 0)) / (rows.length - 1);
  let rest = 0;
  for (const [k, part] of parts.entries()) {
    for (let i = 0; i < m; i++) rest += (part[i]! - rows[k]! - columns[i]! + all) ** 2;
  }
  return (between - rest / ((rows.length - 1) * (m - 1))) / m;
}
