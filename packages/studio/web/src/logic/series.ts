/** @file Curves of several runs on one axis: every x that any of them has, and for each run its value there or a gap. */
import type { RunMetrics } from '../api/types.js';

export interface Series {
  /** Ascending. */
  x: number[];
  /** By run; null where it has nothing. */
  y: (number | null)[][];
}

/** @param curves by run, [x, y] ascending in x */
export function aligned(curves: readonly (readonly [number, number][])[]): Series {
  const x = [...new Set(curves.flatMap((curve) => curve.map(([at]) => at)))].sort((a, b) => a - b);
  const y = curves.map((curve) => {
    const known = new Map(curve);
    return x.map((at) => known.get(at) ?? null);
  });
  return { x, y };
}

export const lossCurve = ({ steps }: RunMetrics): [number, number][] => steps.map(({ step, loss }) => [step, loss]);

export const figureCurve = ({ epochs }: RunMetrics, name: string): [number, number][] =>
  epochs.flatMap(({ epoch, values }): [number, number][] =>
    values[name] === undefined ? [] : [[epoch, values[name]]],
  );

/** Figures that any of the runs measured, besides the loss of its epochs. */
export function figureNames(metrics: readonly RunMetrics[]): string[] {
  return [...new Set(metrics.flatMap(({ epochs }) => epochs.flatMap(({ values }) => Object.keys(values))))];
}
