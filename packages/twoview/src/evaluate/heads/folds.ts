/** @file Labels in parts, each of which is left out once: stratified, so that every part has its share of each class. */
import * as torch from '@twoview/torch';
import { streamGenerator } from '../../runs/random.js';

/** Parts, at most. */
const FOLDS = 5;

export interface Folds {
  /** Places of the labels that each fold leaves out; none is in two of them. */
  folds: number[][];
  /** Labels that are the only one of their class and are never left out. */
  single: number;
}

/** A class is never left out as a whole. @param labels classes @returns no folds where no class has two labels */
export function stratifiedFolds(labels: readonly number[], seed: number): Folds {
  const order: number[] = torch.scope(() =>
    torch.randperm(labels.length, { generator: streamGenerator(seed, 'folds', 0) }).tolist(),
  );
  const byClass = new Map<number, number[]>();
  for (const place of order) {
    const label = labels[place]!;
    byClass.set(label, [...(byClass.get(label) ?? []), place]);
  }
  const groups = [...byClass].sort(([a], [b]) => a - b).map(([, places]) => places);
  const several = groups.filter((places) => places.length > 1);
  const count = Math.min(FOLDS, Math.max(0, ...several.map((places) => places.length)));
  const folds = Array.from({ length: count }, (): number[] => []);
  // One class after the other goes round, so that the parts are of one size, give or take one.
  for (const [i, place] of several.flat().entries()) folds[i % count]!.push(place);
  return { folds, single: groups.length - several.length };
}
