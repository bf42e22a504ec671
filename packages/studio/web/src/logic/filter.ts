/** @file Which images a filter lets through, in which order. Fifty thousand take about a millisecond, so it runs on every change. */
import { FLAGS } from '../api/types.js';

export interface Columns {
  count: number;
  part: Uint8Array;
  label: Int32Array;
  predicted: Int32Array;
  certainty: Float32Array;
  cluster: Int32Array;
  flags: Uint8Array;
}

export interface Filter {
  /** Index of the part; -1 for all. */
  part: number;
  /** Class id; -1 for all, -2 for images without a label, -3 for those with one. */
  label: number;
  /** Class id; -1 for all, -2 for predictions that differ from the label. */
  predicted: number;
  /** Only images whose prediction is at most this certain; 1 for all. */
  mostCertain: number;
  cluster: number;
  flag: 'any' | 'twin' | 'plain' | 'blurred' | 'ignored' | 'exam';
  order: 'set' | 'unsure' | 'label' | 'cluster';
}

export const ALL: Filter = {
  part: -1,
  label: -1,
  predicted: -1,
  mostCertain: 1,
  cluster: -1,
  flag: 'any',
  order: 'set',
};
export const NO_LABEL = -2;
export const ANY_LABEL = -3;
export const DIFFERS = -2;

export const narrows = (filter: Filter): boolean =>
  (Object.keys(ALL) as (keyof Filter)[]).some((key) => key !== 'order' && filter[key] !== ALL[key]);

/** @returns ids of the images that pass */
export function filtered(columns: Columns, filter: Filter): Int32Array {
  const found = new Int32Array(columns.count);
  let n = 0;
  for (let id = 0; id < columns.count; id++) if (passes(columns, filter, id)) found[n++] = id;
  return ordered(found.subarray(0, n), columns, filter.order);
}

function passes({ part, label, predicted, certainty, cluster, flags }: Columns, filter: Filter, id: number): boolean {
  if (filter.part >= 0 && part[id] !== filter.part) return false;
  if (filter.label === NO_LABEL ? label[id]! >= 0 : filter.label === ANY_LABEL && label[id]! < 0) return false;
  if (filter.label >= 0 && label[id] !== filter.label) return false;
  if (filter.predicted >= 0 && predicted[id] !== filter.predicted) return false;
  if (filter.predicted === DIFFERS && !(label[id]! >= 0 && predicted[id]! >= 0 && label[id] !== predicted[id]))
    return false;
  if (filter.mostCertain < 1 && !(predicted[id]! >= 0 && certainty[id]! <= filter.mostCertain)) return false;
  if (filter.cluster >= 0 && cluster[id] !== filter.cluster) return false;
  return filter.flag === 'any' || (flags[id]! & FLAGS[filter.flag]) !== 0;
}

function ordered(ids: Int32Array, columns: Columns, order: Filter['order']): Int32Array {
  if (order === 'set') return ids;
  const { certainty, predicted, label, cluster } = columns;
  const by: Record<Exclude<Filter['order'], 'set'>, (id: number) => number> = {
    // Images without a prediction have no certainty, and come last.
    unsure: (id) => (predicted[id]! < 0 ? 2 : certainty[id]!),
    label: (id) => (label[id]! < 0 ? Infinity : label[id]!),
    cluster: (id) => (cluster[id]! < 0 ? Infinity : cluster[id]!),
  };
  const key = by[order];
  return ids.slice().sort((a, b) => key(a) - key(b) || a - b);
}
