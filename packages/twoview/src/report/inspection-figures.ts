/** @file Figures of what a pre-training changed: similarities of views, and the map. */
import type { TopLevelSpec } from 'vega-lite';
import type { Inspection } from '../ssl/inspect.js';
import type { Figure } from './figures.js';
import { classLooks, encodingOf, type Look, pairLooks } from './look.js';

/** Two panels with their axes stand side by side on a laptop. */
const HISTOGRAM = 350;
const MAP = 400;
const TIMES = ['before', 'after'] as const;

export function similarityFigure(rows: readonly Inspection[]): Figure {
  const legend = pairLooks();
  const [partners, others] = legend as [Look, Look];
  const { color, strokeDash } = encodingOf(legend, 'pair');
  const panels = rows.flatMap(({ model, similarity }) =>
    TIMES.map((time) => {
      const { positive, negative } = similarity[time];
      const edge = (i: number) => -1 + (2 * i) / positive.length;
      const steps = (shares: readonly number[], pair: string) =>
        [...shares, 0].map((share, i) => ({ from: edge(i), percent: (shares[i] ?? 0) * 100, pair, share }));
      return {
        title: `${model}, ${time}`,
        spec: {
          width: HISTOGRAM,
          height: 150,
          data: { values: [...steps(positive, partners.name), ...steps(negative, others.name)] },
          mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2 },
          encoding: {
            x: {
              ...{ field: 'from', type: 'quantitative', title: 'cosine similarity' },
              ...{ scale: { domain: [-1, 1], nice: false }, axis: { tickCount: 5, grid: false } },
            },
            y: { field: 'percent', type: 'quantitative', title: 'pairs, %' },
            color,
            strokeDash,
          },
        } as unknown as TopLevelSpec,
      };
    }),
  );
  return { legend, panels };
}

export function mapFigure(rows: readonly Inspection[]): Figure {
  const first = rows[0]!;
  const looks = classLooks(first.classes, first.labels);
  const nameOf = (label: number) => looks.names[label] ?? looks.other;
  const { color, shape } = encodingOf(looks.list, 'kind');
  const side = { type: 'quantitative', axis: null, scale: { zero: false, nice: false, padding: 6 } };
  const panels = rows.flatMap(({ model, map, labels }) =>
    TIMES.map((time) => ({
      title: `${model}, ${time}`,
      spec: {
        width: MAP,
        height: MAP,
        data: { values: map[time].map(([x, y], i) => ({ x, y, kind: nameOf(labels[i]!) })) },
        mark: { type: 'point', filled: true, size: 16, opacity: 0.8, aria: false },
        encoding: { x: { ...side, field: 'x' }, y: { ...side, field: 'y' }, color, shape },
      } as unknown as TopLevelSpec,
    })),
  );
  return { legend: looks.list, panels };
}
