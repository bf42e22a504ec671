/** @file The figures of the report as Vega-Lite descriptions: what is shown, not how it is drawn. */
import type { TopLevelSpec } from 'vega-lite';
import { ARMS } from '../config/compare.js';
import { percent } from '../experiment/jobs.js';
import type { ExperimentSummary, TableRow } from '../experiment/summarise.js';
import type { Point } from './series.js';

/** Colours that people with any colour vision tell apart: Okabe and Ito 2008. */
const ARM_COLOURS = { supervised: '#0072B2', transfer: '#D55E00', 'semi-supervised': '#009E73' };
const arms = {
  field: 'arm',
  type: 'nominal',
  sort: [...ARMS],
  scale: { domain: [...ARMS], range: ARMS.map((arm) => ARM_COLOURS[arm]) },
} as const;
const WIDTH = 340;
const HEIGHT = 240;

/** Accuracy over label amount: one panel a network, one line an arm, bars of one standard deviation. */
export function accuracyFigure({ table, cells }: ExperimentSummary): TopLevelSpec {
  const rows = table.map((row: TableRow) => ({
    ...row,
    accuracy: row.mean * 100,
    low: (row.mean - (row.deviation ?? 0)) * 100,
    high: (row.mean + (row.deviation ?? 0)) * 100,
  }));
  const dots = cells.map(({ model, arm, labels, metrics }) => ({
    model,
    arm,
    labels,
    accuracy: metrics.accuracy * 100,
  }));
  const amounts = [...new Set(rows.map((row) => row.labels))].sort((a, b) => a - b);
  const x = {
    field: 'labels',
    type: 'quantitative',
    scale: { type: 'log', nice: false, padding: 24 },
    axis: { values: amounts, title: 'labelled images', grid: false, format: ',d' },
  } as const;
  const y = { type: 'quantitative', title: 'test accuracy, %', scale: { zero: true } } as const;
  return {
    data: { values: rows },
    facet: { field: 'model', type: 'nominal', columns: 2 },
    spec: {
      width: WIDTH,
      height: HEIGHT,
      layer: [
        { mark: { type: 'line', strokeWidth: 2 }, encoding: { x, y: { ...y, field: 'accuracy' }, color: arms } },
        {
          mark: { type: 'rule', strokeWidth: 2 },
          encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color: arms },
        },
        {
          mark: { type: 'point', filled: true, size: 60, opacity: 1 },
          encoding: { x, y: { ...y, field: 'accuracy' }, color: arms },
        },
        {
          data: { values: dots },
          mark: { type: 'tick', orient: 'horizontal', width: 10, opacity: 0.5 },
          encoding: { x, y: { ...y, field: 'accuracy' }, color: arms },
        },
      ],
    },
  } as TopLevelSpec;
}

export interface LossLine {
  model: string;
  arm: string;
  fraction: number;
  points: Point[];
}

/** Train loss over steps, first seed: one panel a network and label amount. */
export function trainLossFigure(lines: readonly LossLine[]): TopLevelSpec {
  const values = lines.flatMap(({ points, model, arm, fraction }) =>
    points.map((point) => ({ ...point, arm, panel: `${model}, ${percent(fraction)} % of labels` })),
  );
  return {
    data: { values },
    facet: { field: 'panel', type: 'nominal', columns: 3, sort: [...new Set(values.map((value) => value.panel))] },
    spec: {
      width: 200,
      height: 160,
      mark: { type: 'line', strokeWidth: 1.8 },
      encoding: {
        x: { field: 'x', type: 'quantitative', title: 'step', axis: { tickCount: 4, grid: false } },
        y: { field: 'y', type: 'quantitative', title: 'cross entropy' },
        color: arms,
      },
    },
    resolve: { scale: { x: 'independent' } },
    spacing: 24,
  } as TopLevelSpec;
}

export interface PretrainCourse {
  name: string;
  loss: Point[];
  knn: Point[];
  chance: number;
}

/** NT-Xent with its chance line, and kNN accuracy, over epochs. */
export function pretrainFigure(courses: readonly PretrainCourse[]): TopLevelSpec {
  const of = (key: 'loss' | 'knn', scale: number) =>
    courses.flatMap(({ name, [key]: points }) => points.map(({ x, y }) => ({ x, y: y * scale, name })));
  const x = { field: 'x', type: 'quantitative', title: 'epoch', axis: { tickMinStep: 1, grid: false } } as const;
  const color = { field: 'name', type: 'nominal', scale: { scheme: 'dark2' } } as const;
  const line = { type: 'line', strokeWidth: 2, point: { size: 25 } } as const;
  return {
    hconcat: [
      {
        width: WIDTH,
        height: HEIGHT,
        layer: [
          {
            data: { values: of('loss', 1) },
            mark: line,
            encoding: { x, y: { field: 'y', type: 'quantitative', title: 'NT-Xent', scale: { zero: false } }, color },
          },
          {
            data: { values: courses.slice(0, 1).map(({ chance }) => ({ y: chance })) },
            mark: { type: 'rule', strokeDash: [6, 4], color: '#6b7280' },
            encoding: { y: { field: 'y', type: 'quantitative' } },
          },
          {
            data: { values: courses.slice(0, 1).map(({ chance }) => ({ y: chance })) },
            mark: { type: 'text', align: 'left', dy: -6, x: 4, color: '#6b7280', fontSize: 11 },
            encoding: { y: { field: 'y', type: 'quantitative' }, text: { value: 'chance, log(2N − 1)' } },
          },
        ],
      },
      {
        width: WIDTH,
        height: HEIGHT,
        data: { values: of('knn', 100) },
        mark: line,
        encoding: {
          x,
          y: { field: 'y', type: 'quantitative', title: 'kNN accuracy, %', scale: { zero: true } },
          color,
        },
      },
    ],
  } as TopLevelSpec;
}
