/** @file Differences between arms, seed by seed: arms share label subsets, so that what one subset is worth cancels out. */
import { ARMS, type Arm } from '../config/compare.js';
import { halfInterval, meanAndDeviation } from './interval.js';
import { type CellResult, isAt } from './summarise.js';

export interface PairedDifference {
  model: string;
  fraction: number;
  labels: number;
  /** The difference is accuracy of `arm` minus accuracy of `than`. */
  arm: Arm;
  than: Arm;
  /** Seeds that both arms have. */
  n: number;
  mean: number;
  deviation: number | null;
  /** Half the width of the 95 % interval of the mean difference, by Student's t; null for fewer than three seeds. */
  half: number | null;
}

/** Every two arms of a network with the same labels, the later of `ARMS` minus the earlier; random weights are the floor of all. */
export function pairedDifferences(
  cells: readonly CellResult[],
  { models, fractions }: { models: readonly string[]; fractions: readonly number[] },
): PairedDifference[] {
  const arms = ARMS.filter((arm) => arm !== 'random');
  const pairs = arms.flatMap((than, i) => arms.slice(i + 1).map((arm) => ({ arm, than })));
  return models.flatMap((model) =>
    fractions.flatMap((fraction) =>
      pairs.flatMap(({ arm, than }) => {
        const of = (one: Arm) => cells.filter(isAt({ model, arm: one, fraction }));
        const others = new Map(of(than).map((cell) => [cell.seed, cell.metrics.accuracy]));
        const both = of(arm).filter(({ seed }) => others.has(seed));
        if (both.length === 0) return [];
        const spread = meanAndDeviation(both.map(({ seed, metrics }) => metrics.accuracy - others.get(seed)!));
        const half = halfInterval(spread.deviation, both.length);
        return [{ model, fraction, labels: both[0]!.labels, arm, than, n: both.length, ...spread, half }];
      }),
    ),
  );
}

const nameOf = ({ arm, than }: PairedDifference): string => `${arm} minus ${than}`;

export interface DifferenceRow {
  model: string;
  /** Such as `transfer minus supervised`. */
  pair: string;
  /** One for each fraction; undefined where a seed of both arms is missing. */
  differences: (PairedDifference | undefined)[];
}

/** The differences as a table shows them: networks and pairs downwards, fractions to the right. */
export function differenceRows(
  cells: readonly CellResult[],
  config: { models: readonly string[]; fractions: readonly number[] },
): DifferenceRow[] {
  const all = pairedDifferences(cells, config);
  const pairs = [...new Set(all.map(nameOf))];
  return config.models.flatMap((model) =>
    pairs.map((pair) => ({
      ...{ model, pair },
      differences: config.fractions.map((fraction) =>
        all.find((one) => one.model === model && one.fraction === fraction && nameOf(one) === pair),
      ),
    })),
  );
}
