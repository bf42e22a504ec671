/** @file What SimCLR is worth in labels: how many of them training from scratch needs to be as good. */
import type { Arm } from '../config/compare.js';
import { streamSeed } from '../runs/random.js';
import type { CellResult, TableRow } from './summarise.js';

export interface LabelsSaved {
  model: string;
  /** Labels that the semi-supervised arm had, and its mean accuracy. */
  labels: number;
  accuracy: number;
  /** Labels that the supervised arm needs for that accuracy. */
  needed: number;
  /** `about` is read off between two amounts that were tried; the others are its ends: all labels are too few, or the fewest are enough. */
  bound: Bound;
}
type Bound = 'about' | 'more than' | 'at most';

/** Of labels needed: 95 % of resampled experiments lie between the two, each as exact as its `bound` says. */
export type NeededInterval = Record<'low' | 'high', Pick<LabelsSaved, 'needed' | 'bound'>>;

type Curve = Pick<TableRow, 'labels' | 'mean'>[];

/** Between two amounts, accuracy is interpolated linearly in the logarithm of the number of labels. */
export function labelsSaved(table: readonly TableRow[]): LabelsSaved[] {
  return table
    .filter(({ arm }) => arm === 'semi-supervised')
    .flatMap(({ model, labels, mean: accuracy }) => {
      const scratch = table.filter((row) => row.model === model && row.arm === 'supervised');
      return scratch.length === 0 ? [] : [{ model, labels, accuracy, ...neededFor(accuracy, scratch) }];
    });
}

function neededFor(accuracy: number, curve: Curve): Pick<LabelsSaved, 'needed' | 'bound'> {
  const scratch = [...curve].sort((a, b) => a.labels - b.labels);
  const reached = scratch.findIndex((row) => row.mean >= accuracy);
  if (reached < 0) return { needed: scratch.at(-1)!.labels, bound: 'more than' };
  if (reached === 0) return { needed: scratch[0]!.labels, bound: 'at most' };
  const [below, above] = [scratch[reached - 1]!, scratch[reached]!];
  const share = (accuracy - below.mean) / (above.mean - below.mean);
  return { needed: Math.round(below.labels * (above.labels / below.labels) ** share), bound: 'about' };
}

const DRAWS = 2000;
const order: Record<Bound, number> = { 'at most': -1, about: 0, 'more than': 1 };

/**
 * Percentile bootstrap over seeds (Efron & Tibshirani 1993, chapter 13): seeds are drawn with replacement, the same ones for both arms,
 * which share label subsets.
 *
 * @returns null with fewer than three seeds that have all of it
 */
export function neededInterval(cells: readonly CellResult[], model: string, labels: number): NeededInterval | null {
  const of = (arm: Arm) => cells.filter((cell) => cell.model === model && cell.arm === arm);
  const amounts = [...new Set(of('supervised').map((cell) => cell.labels))];
  const accuracy = (arm: Arm, seed: number, amount: number) =>
    of(arm).find((cell) => cell.seed === seed && cell.labels === amount)?.metrics.accuracy;
  const seeds = [...new Set(cells.map(({ seed }) => seed))].flatMap((seed) => {
    const simclr = accuracy('semi-supervised', seed, labels);
    const scratch = amounts.map((amount) => accuracy('supervised', seed, amount));
    return simclr === undefined || scratch.includes(undefined) ? [] : [{ simclr, scratch: scratch as number[] }];
  });
  if (seeds.length < 3 || amounts.length === 0) return null;
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value) / values.length;
  const draws = Array.from({ length: DRAWS }, (_, draw) => {
    const drawn = seeds.map((_, i) => seeds[streamSeed(i, 'bootstrap', draw) % seeds.length]!);
    const curve = amounts.map((amount, i) => ({ labels: amount, mean: mean(drawn.map(({ scratch }) => scratch[i]!)) }));
    return neededFor(mean(drawn.map(({ simclr }) => simclr)), curve);
  }).sort((a, b) => order[a.bound] - order[b.bound] || a.needed - b.needed);
  return { low: draws[Math.floor(0.025 * DRAWS)]!, high: draws[Math.ceil(0.975 * DRAWS) - 1]! };
}
