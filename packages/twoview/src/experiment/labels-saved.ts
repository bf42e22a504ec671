/** @file What SimCLR is worth in labels: how many of them training from scratch needs to be as good. */
import type { TableRow } from './summarise.js';

export interface LabelsSaved {
  model: string;
  /** Labels that the semi-supervised arm had, and its mean accuracy. */
  labels: number;
  accuracy: number;
  /** Labels that the supervised arm needs for that accuracy. */
  needed: number;
  /** `about` is read off between two amounts that were tried; the others are its ends: all labels are too few, or the fewest are enough. */
  bound: 'about' | 'more than' | 'at most';
}

/** Between two amounts, accuracy is interpolated linearly in the logarithm of the number of labels. */
export function labelsSaved(table: readonly TableRow[]): LabelsSaved[] {
  return table
    .filter(({ arm }) => arm === 'semi-supervised')
    .flatMap(({ model, labels, mean: accuracy }) => {
      const scratch = table
        .filter((row) => row.model === model && row.arm === 'supervised')
        .sort((a, b) => a.labels - b.labels);
      if (scratch.length === 0) return [];
      return [{ model, labels, accuracy, ...neededFor(accuracy, scratch) }];
    });
}

function neededFor(accuracy: number, scratch: readonly TableRow[]): Pick<LabelsSaved, 'needed' | 'bound'> {
  const reached = scratch.findIndex((row) => row.mean >= accuracy);
  if (reached < 0) return { needed: scratch.at(-1)!.labels, bound: 'more than' };
  if (reached === 0) return { needed: scratch[0]!.labels, bound: 'at most' };
  const [below, above] = [scratch[reached - 1]!, scratch[reached]!];
  const share = (accuracy - below.mean) / (above.mean - below.mean);
  return { needed: Math.round(below.labels * (above.labels / below.labels) ** share), bound: 'about' };
}
