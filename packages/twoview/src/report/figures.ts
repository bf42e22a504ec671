/**
 * @file The figures of the report as Vega-Lite descriptions: what is shown, not how it is drawn. A figure is a list of panels,
 * each a drawing of its own, so that they stand side by side on a wide page and below each other on a narrow one.
 */
import type { TopLevelSpec } from 'vega-lite';
import { meanAndDeviation } from '../experiment/interval.js';
import { percent } from '../experiment/jobs.js';
import { type ExperimentSummary, isAt } from '../experiment/summarise.js';
import { armLooks, encodingOf, type Look, networkLooks } from './look.js';
import { lossOfConfig } from './loss-of-config.js';
import type { Point } from './series.js';

export interface Figure {
  legend: Look[];
  panels: { title: string; spec: TopLevelSpec }[];
}

const WIDTH = 320;
const HEIGHT = 220;
/** The page's own colours, so that figures follow it into dark mode. */
const SOFT = 'var(--soft)';

/** A dashed horizontal line with its name. */
function level(value: number, text: string, side: 'above' | 'below') {
  const y = { field: 'y', type: 'quantitative' };
  const data = { values: [{ y: value }] };
  return [
    { data, mark: { type: 'rule', strokeDash: [6, 4], color: SOFT }, encoding: { y } },
    {
      data,
      mark: { type: 'text', align: 'right', dy: side === 'above' ? -7 : 9, x: WIDTH - 2, color: SOFT, fontSize: 11 },
      encoding: { y, text: { value: text } },
    },
  ];
}

/** Accuracy over label amount: one panel a network, one line an arm, bars of one standard deviation. */
export function accuracyFigure({ table, cells, config, classes }: ExperimentSummary): Figure {
  const legend = armLooks(config.arms);
  const { color, shape, strokeDash } = encodingOf(legend, 'arm');
  const amounts = [...new Set(table.map((row) => row.labels))].sort((a, b) => a - b);
  const x = {
    field: 'labels',
    type: 'quantitative',
    scale: { type: 'log', nice: false, padding: 24 },
    axis: { values: amounts, title: 'labelled images', grid: false, format: ',d' },
  };
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    title: `${cells[0]?.evaluatedOn ?? 'test'} accuracy, %`,
    scale: { zero: true },
  });
  const panelOf = (model: string) => {
    const values = table
      .filter((row) => row.model === model)
      .map(({ arm, labels, mean, deviation }) => ({
        ...{ arm, labels, accuracy: mean * 100 },
        ...{ low: (mean - (deviation ?? 0)) * 100, high: (mean + (deviation ?? 0)) * 100 },
      }));
    const runs = cells
      .filter((cell) => cell.model === model)
      .map(({ arm, labels, metrics }) => ({ arm, labels, accuracy: metrics.accuracy * 100 }));
    return {
      width: WIDTH,
      height: HEIGHT,
      data: { values },
      layer: [
        ...level(100 / classes.length, 'chance', 'below'),
        { mark: { type: 'line', strokeWidth: 2 }, encoding: { x, y: y('accuracy'), color, strokeDash } },
        { mark: { type: 'rule', strokeWidth: 2 }, encoding: { x, y: y('low'), y2: { field: 'high' }, color } },
        {
          mark: { type: 'point', filled: true, size: 70, opacity: 1 },
          encoding: { x, y: y('accuracy'), color, shape },
        },
        {
          data: { values: runs },
          mark: { type: 'tick', orient: 'horizontal', width: 12, opacity: 0.6 },
          encoding: { x, y: y('accuracy'), color },
        },
      ],
    } as unknown as TopLevelSpec;
  };
  const drawn = config.models.filter((model) => table.some((row) => row.model === model));
  return { legend, panels: drawn.map((model) => ({ title: model, spec: panelOf(model) })) };
}

/** Accuracy over all that a result took, pre-training or transfer source included: one panel a network, a line an arm through its label amounts. */
export function computeFigure({ table, cells, config }: ExperimentSummary): Figure {
  const legend = armLooks(config.arms);
  const { color, shape, strokeDash } = encodingOf(legend, 'arm');
  const x = {
    field: 'petaflop',
    type: 'quantitative',
    scale: { type: 'log', nice: false, padding: 24 },
    axis: { title: 'computed in all, PFLOP', grid: false, tickCount: 4, format: '~g' },
  };
  const y = {
    ...{ field: 'accuracy', type: 'quantitative', scale: { zero: true } },
    title: `${cells[0]?.evaluatedOn ?? 'test'} accuracy, %`,
  };
  const order = { field: 'labels', type: 'quantitative' };
  const panelOf = (model: string) => {
    const values = table
      .filter((row) => row.model === model)
      .map((row) => {
        const flops = cells.filter(isAt(row)).map(({ total }) => total.flops);
        const { arm, labels, mean } = row;
        return { arm, labels, accuracy: mean * 100, petaflop: meanAndDeviation(flops).mean / 1e15 };
      });
    const layer = [
      { mark: { type: 'line', strokeWidth: 2 }, encoding: { x, y, color, strokeDash, order } },
      { mark: { type: 'point', filled: true, size: 70, opacity: 1 }, encoding: { x, y, color, shape } },
      {
        mark: { type: 'text', dy: -10, fontSize: 10, color: SOFT },
        encoding: { x, y, text: { field: 'labels', type: 'quantitative', format: ',d' } },
      },
    ];
    return { width: WIDTH, height: HEIGHT, data: { values }, layer } as unknown as TopLevelSpec;
  };
  const drawn = config.models.filter((model) => table.some((row) => row.model === model));
  return { legend, panels: drawn.map((model) => ({ title: model, spec: panelOf(model) })) };
}

export interface LossLine {
  model: string;
  arm: string;
  fraction: number;
  points: Point[];
}

/** Train loss over steps: one panel a network and label amount. */
export function trainLossFigure({ config }: ExperimentSummary, lines: readonly LossLine[]): Figure {
  const legend = armLooks(config.arms);
  const { color, strokeDash } = encodingOf(legend, 'arm');
  const panels = config.models.flatMap((model) =>
    config.fractions.flatMap((fraction) => {
      const mine = lines.filter((line) => line.model === model && line.fraction === fraction);
      const spec = lossPanel(mine, { color, strokeDash });
      return mine.length === 0 ? [] : [{ title: `${model}, ${percent(fraction)} % of labels`, spec }];
    }),
  );
  return { legend, panels };
}

function lossPanel(lines: readonly LossLine[], looks: object): TopLevelSpec {
  const x = {
    ...{ field: 'x', type: 'quantitative', title: 'step', scale: { nice: false } },
    axis: { tickCount: 4, grid: false, format: ',d' },
  };
  return {
    width: 200,
    height: 150,
    data: { values: lines.flatMap(({ points, arm }) => points.map((point) => ({ ...point, arm }))) },
    mark: { type: 'line', strokeWidth: 1.8 },
    encoding: { x, y: { field: 'y', type: 'quantitative', title: 'cross entropy' }, ...looks },
  } as unknown as TopLevelSpec;
}

export interface PretrainCourse {
  model: string;
  seed: number;
  loss: Point[];
  knn: Point[];
  /** Null for losses that have no such line. */
  chance: number | null;
}

/** The loss with its chance line, and kNN accuracy where there were labels, over epochs; one line a seed. */
export function pretrainFigure({ config }: ExperimentSummary, courses: readonly PretrainCourse[]): Figure {
  const legend = networkLooks(config.models.filter((model) => courses.some((course) => course.model === model)));
  const { color } = encodingOf(legend, 'model');
  const loss = lossOfConfig(config);
  const values = (key: 'loss' | 'knn', factor: number) =>
    courses.flatMap(({ model, seed, [key]: points }) =>
      points.map(({ x, y }) => ({ epoch: x, value: y * factor, model, seed })),
    );
  const x = {
    field: 'epoch',
    type: 'quantitative',
    title: 'epoch',
    scale: { domain: [0, config.pretrain.epochs], nice: false },
    axis: { tickMinStep: 1, tickCount: 6, format: 'd', grid: false },
  };
  const course = (data: object[], title: string, zero: boolean, more: object[]) =>
    ({
      width: WIDTH,
      height: HEIGHT,
      layer: [
        ...more,
        {
          data: { values: data },
          mark: { type: 'line', strokeWidth: 2, point: { size: 25 } },
          encoding: {
            x,
            y: { field: 'value', type: 'quantitative', title, scale: { zero } },
            color,
            detail: { field: 'seed', type: 'nominal' },
          },
        },
      ],
    }) as unknown as TopLevelSpec;
  const chance = courses
    .slice(0, 1)
    .flatMap(({ chance }) =>
      chance === null ? [] : level(chance, loss.name === 'nt-xent' ? 'chance, log(2N − 1)' : 'chance', 'above'),
    );
  const knn = values('knn', 100);
  return {
    legend,
    panels: [
      { title: `${loss.title}, mean of each epoch`, spec: course(values('loss', 1), loss.title, false, chance) },
      ...(knn.length === 0
        ? []
        : [{ title: 'kNN on held-out training images', spec: course(knn, 'kNN accuracy, %', true, []) }]),
    ],
  };
}
