/** @file Confusion matrices of an experiment, summed over its seeds. */
import type { TopLevelSpec } from 'vega-lite';
import { ARMS } from '../config/compare.js';
import { type CellResult, type ExperimentSummary, isAt } from '../experiment/summarise.js';
import type { Figure } from './figures.js';

const SIDE = 190;
/** Numbers stand in the cells where they can be read. */
const MOST_CLASSES_WITH_NUMBERS = 12;

export interface Confusion {
  model: string;
  arm: string;
  /** Rows are true classes, columns named ones; a row sums to 1, or to 0 where the class was not tested. */
  shares: number[][];
}

/** At one label amount, for every network and arm that has results. */
export function confusions({ cells, config }: ExperimentSummary, fraction: number): Confusion[] {
  return config.models.flatMap((model) =>
    ARMS.filter((arm) => config.arms.includes(arm)).flatMap((arm) => {
      const mine = cells.filter(isAt({ model, arm, fraction }));
      return mine.length === 0 ? [] : [{ model, arm, shares: sharesOf(mine) }];
    }),
  );
}

function sharesOf(cells: readonly CellResult[]): number[][] {
  const [first, ...others] = cells.map(({ metrics }) => metrics.confusion);
  const sums = first!.map((row, t) => row.map((count, p) => others.reduce((sum, other) => sum + other[t]![p]!, count)));
  return sums.map((row) => {
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((count) => (total === 0 ? 0 : count / total));
  });
}

export interface Mix {
  truth: number;
  named: number;
  share: number;
}

/** The most frequent errors. */
export const worstMixes = ({ shares }: Confusion, count: number): Mix[] =>
  shares
    .flatMap((row, truth) => row.map((share, named) => ({ truth, named, share })))
    .filter(({ truth, named, share }) => truth !== named && share > 0)
    .sort((a, b) => b.share - a.share)
    .slice(0, count);

export function confusionFigure(list: readonly Confusion[], classes: readonly string[]): Figure {
  const panels = list.map(({ model, arm, shares }) => ({
    title: `${model}, ${arm}`,
    spec: heatMap(shares, classes),
  }));
  return { legend: [], panels };
}

function heatMap(shares: readonly number[][], classes: readonly string[]): TopLevelSpec {
  const values = shares.flatMap((row, t) =>
    row.map((share, p) => ({ truth: classes[t], named: classes[p], percent: Math.round(share * 100), share })),
  );
  const axis = { type: 'nominal', sort: null, axis: { domain: false, ticks: false } };
  const x = { ...axis, field: 'named', title: 'named', axis: { ...axis.axis, labelAngle: -45 } };
  const y = { ...axis, field: 'truth', title: 'true' };
  const numbers = {
    transform: [{ filter: 'datum.percent >= 1' }],
    mark: { type: 'text', fontSize: 10, color: 'currentColor', aria: false },
    encoding: { x, y, text: { field: 'percent', type: 'quantitative' } },
  };
  return {
    width: SIDE,
    height: SIDE,
    data: { values },
    layer: [
      {
        mark: { type: 'rect', fill: 'var(--blue)', aria: false },
        encoding: {
          x,
          y,
          // Never so dark that the number on it cannot be read.
          fillOpacity: {
            field: 'share',
            type: 'quantitative',
            legend: null,
            scale: { domain: [0, 1], range: [0, 0.7] },
          },
        },
      },
      ...(classes.length > MOST_CLASSES_WITH_NUMBERS ? [] : [numbers]),
    ],
  } as unknown as TopLevelSpec;
}
