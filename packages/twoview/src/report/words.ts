/** @file How numbers are written. */
import { halfInterval, meanAndDeviation } from '../experiment/interval.js';
import type { TableRow } from '../experiment/summarise.js';

export const share = (value: number) => `${(value * 100).toFixed(1)} %`;
export const spread = (deviation: number | null) => (deviation === null ? '' : ` ± ${(deviation * 100).toFixed(1)}`);

/** The 95 % confidence interval of the mean. */
export function within({ mean, deviation, n }: TableRow): string {
  const half = halfInterval(deviation, n);
  if (half === null) return '';
  const [low, high] = [Math.max(0, mean - half), Math.min(1, mean + half)];
  return `${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)}`;
}

/** Mean of one value a seed, with its sample standard deviation where there are several. */
export function meanAndSpread(values: readonly number[]): string {
  const { mean, deviation } = meanAndDeviation(values);
  return `${share(mean)}${spread(deviation)}`;
}

/** The least seed first. */
export const bySeed = <Row extends { seed: number }>(rows: readonly Row[]): Row[] =>
  [...rows].sort((a, b) => a.seed - b.seed);

/** "1 seed", "3 seeds". */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
