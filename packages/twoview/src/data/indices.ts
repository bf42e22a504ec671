/** @file Which images: orders, held-out parts, and label subsets, each from (seed, stream, step). */
import * as torch from '@twoview/torch';
import { TwoviewError } from '../errors.js';
import { streamGenerator } from '../runs/random.js';
import { labelList, type Split } from './image-set.js';

/** The given indices in the order of one epoch, [N] int64. */
export function shuffledIndices(indices: readonly number[], seed: number, epoch: number): torch.Tensor {
  return torch.scope(() => {
    const order = torch.randperm(indices.length, { generator: streamGenerator(seed, 'order', epoch) });
    return torch.tensor([...indices], { dtype: 'int64' }).indexSelect(0, order);
  });
}

/** 0 to count - 1 in random order. */
export function permutation(count: number, seed: number, stream: string): number[] {
  return torch.scope(() => torch.randperm(count, { generator: streamGenerator(seed, stream, 0) }).tolist());
}

/** A random part of the training images that training does not see; at most a fifth of them. */
export function heldOutIndices(
  split: Split,
  count: number,
  seed: number,
): { indices: number[]; rest(limit: number): number[] } {
  const all = permutation(split.count, seed, 'held-out');
  const held = Math.min(count, Math.floor(split.count / 5));
  return { indices: all.slice(0, held), rest: (limit) => all.slice(held, limit > 0 ? held + limit : undefined) };
}

export interface SubsetOptions {
  /** Of each class the same, rounded. */
  fraction: number;
  seed: number;
  /** Which of a class: drawn by the seed, or the first ones of the set's own order, which are the same for everybody. */
  subset: 'random' | 'first';
}

/**
 * A stratified part of the labelled images. For one seed smaller parts lie inside larger ones.
 *
 * @returns indices, sorted @throws TwoviewError FRACTION_TOO_SMALL, LABELS_MISSING
 */
export function labelSubset(
  split: Split,
  classes: readonly string[],
  { fraction, seed, subset }: SubsetOptions,
): number[] {
  const labels = labelList(split);
  const byClass = classes.map((): number[] => []);
  const order = subset === 'first' ? Array(split.count).keys() : permutation(split.count, seed, 'labels');
  for (const index of order) byClass[labels[index]!]?.push(index);
  if (classes.length === 0 || byClass.every((list) => list.length === 0)) {
    throw new TwoviewError('LABELS_MISSING', {
      what: 'these images have no labels',
      where: '--data',
      next: ['give a folder with one folder a class, or a CSV of path,label'],
    });
  }
  const chosen = byClass.map((list) => list.slice(0, Math.round(list.length * fraction)));
  const empty = classes.filter((_, i) => chosen[i]!.length === 0 && byClass[i]!.length > 0);
  if (empty.length > 0) {
    const smallest = Math.min(...byClass.filter((list) => list.length > 0).map((list) => list.length));
    throw new TwoviewError('FRACTION_TOO_SMALL', {
      what: `${fraction * 100} % of the labels leaves ${empty.length} of ${classes.length} classes without an image: ${empty.slice(0, 5).join(', ')}`,
      where: `--fraction ${fraction}`,
      next: [`--fraction ${Math.ceil((1 / smallest) * 1e4) / 1e4}  is the least that gives each class one`],
    });
  }
  return chosen.flat().sort((a, b) => a - b);
}
