/** @file Courses of a training for figures, from metrics.jsonl: smoothed and thinned, so that a report stays small. */
import { readMetrics } from '../runs/run-folder.js';

export interface Point {
  x: number;
  y: number;
}

const POINTS = 60;

/** Mean loss over equal stretches of steps, at most 60 of them. */
export function lossCourse(run: string): Point[] {
  const lines = readMetrics(run).filter((line) => typeof line.loss === 'number');
  const stretch = Math.max(1, Math.ceil(lines.length / POINTS));
  return Array.from({ length: Math.ceil(lines.length / stretch) }, (_, i) => {
    const part = lines.slice(i * stretch, (i + 1) * stretch);
    return { x: part.at(-1)!.step, y: part.reduce((sum, line) => sum + Number(line.loss), 0) / part.length };
  });
}

/** A value that is measured once an epoch: epochLoss, knn, alignment, ... */
export function epochCourse(run: string, name: string): Point[] {
  return readMetrics(run)
    .filter((line) => typeof line[name] === 'number')
    .map((line) => ({ x: line.epoch, y: Number(line[name]) }));
}
