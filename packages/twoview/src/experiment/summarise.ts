/** @file The table of an experiment: mean and deviation over seeds for every network, arm and label amount. */
import type { Arm, CompareConfig } from '../config/compare.js';
import { csv } from '../data/tables/csv-file.js';
import type { FinetuneResult } from '../finetune/outcome.js';
import type { Environment } from '../runs/environment.js';
import type { Inspection } from '../ssl/inspect.js';
import type { PretrainResult } from '../ssl/pretrain.js';
import { meanAndDeviation } from './interval.js';
import { type Cell, percent } from './jobs.js';

export interface CellResult extends FinetuneResult {
  model: string;
  arm: Arm;
  fraction: number;
  seed: number;
  /** Accuracy without the test images that have twins; null where there are none, or they were not looked for. */
  withoutTwins: number | null;
  /** What this result took in all, with the pre-training or transfer source that it starts from. */
  total: Compute;
}

export interface Compute {
  /** Of the networks in all steps; published weights count nothing. */
  flops: number;
  /** Seconds of the steps times threads. */
  coreSeconds: number;
}
export interface PretrainRow extends PretrainResult {
  model: string;
  seed: number;
}
export interface TransferRow extends FinetuneResult {
  model: string;
  seed: number;
}
export interface InspectionRow extends Inspection {
  run: string;
}
export interface TableRow {
  model: string;
  arm: Arm;
  fraction: number;
  /** Labelled images, the same for every seed up to rounding. */
  labels: number;
  /** What the accuracies are of. */
  evaluatedOn: 'test' | 'validation';
  /** Seeds that have a result. */
  n: number;
  mean: number;
  /** Sample standard deviation over the seeds; null for fewer than three. */
  deviation: number | null;
  /** Mean accuracy without twins. */
  withoutTwins: number | null;
}

export interface ExperimentSummary {
  kind: 'experiment';
  config: CompareConfig;
  environment: Environment;
  data: { name: string; hash: string; notes: string[]; train: number; test: number };
  transferData: { name: string; notes: string[]; train: number } | null;
  /** Test images that have a twin among the others; null where they were not looked for. */
  twins: number | null;
  classes: string[];
  table: TableRow[];
  cells: CellResult[];
  pretrain: PretrainRow[];
  transfer: TransferRow[];
  inspections: InspectionRow[];
  failures: { job: string; error: string }[];
  /** Of all runs together, over all processes. */
  seconds: number;
}

export function tableOf(cells: readonly CellResult[], order: readonly Cell[]): TableRow[] {
  const groups = new Map<string, CellResult[]>();
  const key = ({ model, arm, fraction }: Pick<Cell, 'model' | 'arm' | 'fraction'>) => `${model}/${arm}/${fraction}`;
  for (const cell of order) groups.set(key(cell), []);
  for (const cell of cells) groups.get(key(cell))?.push(cell);
  return [...groups.values()].flatMap((group) => {
    const first = group[0];
    if (first === undefined) return [];
    const { model, arm, fraction, labels, evaluatedOn } = first;
    const values = group.map((cell) => cell.metrics.accuracy);
    const others = group.flatMap((cell) => (cell.withoutTwins === null ? [] : [cell.withoutTwins]));
    const withoutTwins = others.length === group.length ? meanAndDeviation(others).mean : null;
    const spread = meanAndDeviation(values);
    return [{ model, arm, fraction, labels, evaluatedOn, n: values.length, ...spread, withoutTwins }];
  });
}

/** A cell of the grid, whatever its seed. */
type Place = Pick<Cell, 'model' | 'arm' | 'fraction'>;

/** Whether a row of the table, or a result, is of this place: `table.find(isAt({ model, arm, fraction }))`. */
export const isAt =
  ({ model, arm, fraction }: Place) =>
  (one: Place): boolean =>
    one.model === model && one.arm === arm && one.fraction === fraction;

/** Why the table has no row for this cell. */
export function whyMissing(
  { failures }: Pick<ExperimentSummary, 'failures'>,
  { model, arm, fraction }: Place,
): 'failed' | 'not run' {
  const cell = `cells/${model}/${arm}/${percent(fraction)}pct/`;
  return failures.some(({ job }) => job.startsWith(cell)) ? 'failed' : 'not run';
}

/** A column of results.csv by its name. */
const COLUMNS: Record<string, (cell: CellResult) => string | number | null> = {
  model: ({ model }) => model,
  arm: ({ arm }) => arm,
  fraction: ({ fraction }) => fraction,
  seed: ({ seed }) => seed,
  labels: ({ labels }) => labels,
  steps: ({ steps }) => steps,
  evaluated_on: ({ evaluatedOn }) => evaluatedOn,
  accuracy: ({ metrics }) => metrics.accuracy,
  top5: ({ metrics }) => metrics.top5,
  accuracy_without_twins: ({ withoutTwins }) => withoutTwins,
  ece: ({ metrics }) => metrics.ece,
  test_loss: ({ metrics }) => metrics.loss,
  train_loss: ({ trainLoss }) => trainLoss,
  parameters: ({ parameters }) => parameters,
  seconds: ({ seconds }) => seconds.toFixed(1),
  total_flops: ({ total }) => total.flops,
  total_core_seconds: ({ total }) => total.coreSeconds.toFixed(1),
};

/** One line a cell, for spreadsheets. */
export const csvOf = (cells: readonly CellResult[]): string =>
  csv([Object.keys(COLUMNS), ...cells.map((cell) => Object.values(COLUMNS).map((value) => value(cell)))]);

/** What the accuracies of an experiment are of, in words: `2,000 test images`. */
export function evaluatedImages({ cells, data }: Pick<ExperimentSummary, 'cells' | 'data'>): string {
  const [first] = cells;
  const onValidation = first?.evaluatedOn === 'validation';
  const [count, part] = onValidation ? [first!.metrics.count, 'validation'] : [data.test, 'test'];
  return `${count.toLocaleString('en')} ${part} image${count === 1 ? '' : 's'}`;
}
