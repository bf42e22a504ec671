/**
 * @file What more labels would bring: a power law of the error, fitted to the curve so far (power-law.ts), with an interval from 1,000 draws of
 *
 * - exam images, and random parts of the labels, with replacement;
 * - the error that no label removes, evenly from none to most of the present error: a short curve does not tell it, and a law without it
 *   promises too much (CIFAR-10, 500 labels more after 500: 3.8 points, where 2.7 came);
 * - the luck of the next labels (label-luck.ts), by Student's t, since its variance is estimated from few parts.
 *
 * It is about labels that are chosen like those so far.
 */
import * as torch from '@twoview/torch';
import { streamGenerator } from '../../runs/random.js';
import type { LabelCurve } from './label-curve.js';
import { labelVariance } from './label-luck.js';
import { exponentOf, gainBy } from './power-law.js';
import { invalid } from './refuse.js';

export interface Gain {
  /** Of accuracy, as a share: 0.02 is two points. */
  gain: number;
  /** Meant as the 95 % interval of the gain that these labels will turn out to have (it held 87 to 95 %: docs/results/exam); may begin below 0. */
  low: number;
  high: number;
}

export type Forecast = ({ possible: true } & Gain) | { possible: false; why: string };

/** A curve below this says nothing of how it goes on. */
const LEAST_SIZES = 4;
const LEAST_RANGE = 4;
const LEAST_EXAM = 50;
const DRAWS = 1000;
/** Of the least error that was seen, which the floor stays below. */
const MOST_FLOOR = 0.8;

/** @param more labels @returns why not, where the curve is too short @throws TwoviewError EXAM_INVALID for a number that is not above 0 */
export function forecast(curve: LabelCurve, more: number, { seed = 0 } = {}): Forecast {
  if (!(more > 0)) throw invalid(`${more} further labels cannot be`, 'more', 'give a number above 0');
  const why = tooShort(curve, more);
  if (why !== null) return { possible: false, why };
  const { points, exam } = curve;
  const [sizes, n] = [points.map(({ labels }) => labels), points.at(-1)!.labels];
  const repeats = points[0]!.random.length;
  const gainOf = (images: readonly number[], parts: readonly number[], share: number) => {
    const errors = points.map(({ random }) => {
      let wrong = 0;
      for (const part of parts) for (const image of images) wrong += 1 - random[part]![image]!;
      return (wrong / parts.length + 0.5) / (exam + 1); // above 0, for its logarithm
    });
    const floor = share * Math.min(...errors);
    return gainBy(errors.at(-1)! - floor, exponentOf(sizes, errors, floor), n, more);
  };
  const spread = Math.sqrt(labelVariance(curve) * (1 / n - 1 / (n + more)));
  const gains = torch
    .scope((): number[] => {
      const generator = (of: string) => streamGenerator(seed, `forecast/${of}`, 0);
      const images: number[] = torch.randint(0, exam, [DRAWS * exam], { generator: generator('images') }).tolist();
      const parts: number[] = torch.randint(0, repeats, [DRAWS * repeats], { generator: generator('parts') }).tolist();
      const shares: number[] = torch.rand([DRAWS], { generator: generator('floor'), dtype: 'float64' }).tolist();
      const normal = torch.randn([DRAWS, repeats], { generator: generator('luck'), dtype: 'float64' });
      const chi = normal
        .narrow(1, 1, repeats - 1)
        .square()
        .mean([1])
        .sqrt(); // of repeats - 1 degrees of freedom
      const luck: number[] = normal.select(1, 0).div(chi).mul(spread).tolist();
      const some = (of: number[], draw: number, count: number) => of.slice(draw * count, (draw + 1) * count);
      return luck.map(
        (one, draw) => one + gainOf(some(images, draw, exam), some(parts, draw, repeats), MOST_FLOOR * shares[draw]!),
      );
    })
    .sort((a, b) => a - b);
  const all = (count: number) => Array.from({ length: count }, (_, i) => i);
  return {
    ...{ possible: true, gain: gainOf(all(exam), all(repeats), MOST_FLOOR / 2) },
    ...{ low: gains[Math.floor(0.025 * DRAWS)]!, high: gains[Math.ceil(0.975 * DRAWS) - 1]! },
  };
}

function tooShort({ points, exam }: LabelCurve, more: number): string | null {
  const [least, most] = [points[0]?.labels ?? 0, points.at(-1)?.labels ?? 0];
  if (points.length < LEAST_SIZES || most < LEAST_RANGE * least) {
    return `the curve is too short: ${points.length} sizes from ${least} to ${most} labels; a forecast needs ${LEAST_SIZES}, the largest ${LEAST_RANGE} times the smallest`;
  }
  if (exam < LEAST_EXAM) return `the exam has ${exam} images; a forecast needs ${LEAST_EXAM}`;
  if (points[0]!.random.length < 2) return 'the curve has fewer than two random parts of each size';
  if ((most + more) / most > most / least) {
    return `${more} further labels are beyond the curve, which has grown ${(most / least).toFixed(1)}-fold from ${least} to ${most}`;
  }
  return null;
}
