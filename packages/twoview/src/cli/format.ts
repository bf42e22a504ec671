/** @file Numbers and tables as people read them. */
import Table from 'cli-table3';
import { ARMS } from '../config/compare.js';
import type { Metrics } from '../evaluate/metrics.js';
import { percent } from '../experiment/jobs.js';
import { operations } from '../experiment/operations.js';
import { differenceRows, type PairedDifference } from '../experiment/paired.js';
import { type ExperimentSummary, isAt, type TableRow, whyMissing } from '../experiment/summarise.js';

export const asPercent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** @param part what was measured on */
export function accuracyLines({ accuracy, top5, count, ece, confusion }: Metrics, part = 'test'): string {
  return [
    `accuracy  ${asPercent(accuracy)} of ${count} ${part === 'test' ? '' : `${part} `}images${confusion.length > 5 ? `, top-5 ${asPercent(top5)}` : ''}`,
    `chance    ${asPercent(1 / confusion.length)}`,
    `ECE       ${ece.toFixed(4)}`,
  ].join('\n');
}

export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
}

/** Columns without a frame, numbers to the right. @param rows the first one is the head */
export function table(rows: string[][]): string {
  const [head, ...rest] = rows;
  const numeric = (column: number) => rest.every((row) => row[column] === '' || /^[+-]?\d/.test(row[column]!));
  const names =
    'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right';
  const none = Object.fromEntries([...names.split(' '), 'right-mid', 'middle'].map((name) => [name, '']));
  const lines = new Table({
    head: head!,
    chars: { ...none, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: head!.map((_, column) => (numeric(column) ? 'right' : 'left')),
  });
  lines.push(...rest);
  return lines
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Networks and arms downwards, label amounts to the right; mean ± standard deviation over the seeds. */
export const experimentTable = (summary: ExperimentSummary): string =>
  byArm(summary, (row) => {
    const spread = row.deviation === null ? '' : ` ± ${(row.deviation * 100).toFixed(1)}`;
    return `${(row.mean * 100).toFixed(1)}${spread} %`;
  });

/** The same grid: accuracies without the test images that have twins; null where there are none. */
export const withoutTwinsTable = (summary: ExperimentSummary): string | null =>
  summary.table.some(({ withoutTwins }) => withoutTwins !== null)
    ? byArm(summary, ({ withoutTwins }) =>
        withoutTwins === null ? 'not measured' : `${(withoutTwins * 100).toFixed(1)} %`,
      )
    : null;

/** The same grid: operations of all that one result took, pre-training or transfer source included, the mean over the seeds. */
export const computeTable = (summary: ExperimentSummary): string =>
  byArm(summary, (row) => {
    const flops = summary.cells.filter(isAt(row)).map(({ total }) => total.flops);
    return operations(flops.reduce((sum, one) => sum + one) / flops.length);
  });

function byArm(summary: ExperimentSummary, cellOf: (row: TableRow) => string): string {
  const { table: rows, config } = summary;
  const head = ['network', 'arm', ...config.fractions.map((fraction) => `${percent(fraction)} % of labels`)];
  const lines = config.models.flatMap((model) =>
    ARMS.filter((arm) => config.arms.includes(arm)).map((arm) => [
      model,
      arm,
      ...config.fractions.map((fraction) => {
        const row = rows.find(isAt({ model, arm, fraction }));
        return row === undefined ? whyMissing(summary, { model, arm, fraction }) : cellOf(row);
      }),
    ]),
  );
  return table([head, ...lines]);
}

/**
 * Differences between arms, seed by seed, in points of accuracy, each with the 95 % interval of its mean; null with one arm. Pairs downwards,
 * label amounts to the right.
 */
export function differenceTable({ cells, config }: ExperimentSummary): string | null {
  const points = (value: number) => `${value < 0 ? '' : '+'}${(value * 100).toFixed(1)}`;
  const cellOf = (found: PairedDifference | undefined) => {
    if (found === undefined) return 'not run';
    const { mean, half } = found;
    return half === null ? points(mean) : `${points(mean)} (${points(mean - half)} to ${points(mean + half)})`;
  };
  const rows = differenceRows(cells, config).map(({ model, pair, differences }) => [
    ...[model, pair],
    ...differences.map(cellOf),
  ]);
  if (rows.length === 0) return null;
  return table([['network', 'difference', ...config.fractions.map((one) => `${percent(one)} % of labels`)], ...rows]);
}
