/** @file The measured rows as a table in Markdown; a row that broke or has nothing to measure says why. */
import { quantile } from '../lib/statistics.mjs';

/** The median, or the quantile that the row is about. */
export const reachedBy = ({ samples, at = 0.5 }) => quantile(samples, at);

export function isMissed(row) {
  if (row.samples === undefined) return false;
  const value = reachedBy(row);
  return row.target.most === undefined ? value < row.target.least : value > row.target.most;
}

const shown = (x) => (Math.abs(x) >= 100 ? Math.round(x).toLocaleString('en') : x.toFixed(Math.abs(x) < 10 ? 2 : 1));

function line(row) {
  if (row.samples === undefined)
    return `| ${row.what} | | | ${row.error ? 'broke' : '-'} | | ${row.error ?? row.absent} |`;
  const { what, target, samples, detail } = row;
  const wanted = target.most === undefined ? `>= ${target.least.toLocaleString('en')}` : `<= ${target.most}`;
  const spread =
    row.at === undefined && samples.length > 1
      ? ` (${shown(Math.min(...samples))} to ${shown(Math.max(...samples))})`
      : '';
  return `| ${what} | ${wanted}${target.unit} | ${shown(reachedBy(row))}${target.unit}${spread} | ${isMissed(row) ? 'no' : 'yes'} | ${row.n ?? samples.length} | ${detail}; load ${row.load} |`;
}

export function markdown({ date, cpu, cores, memoryGiB, platform, loadBefore, load, versions, about, rows }) {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}, ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}, load ${loadBefore} before and ${load} at the end`,
    `${named.join(', ')}; ${about}`,
    '',
    '| what | target | reached: median (least to largest), or as named | yes/no | n | in numbers |',
    '|---|---|---|---|---|---|',
    ...rows.map(line),
  ].join('\n');
}
