/** @file Choices that look at no representation: what the others are measured by. */
import { permutation } from '../data/indices.js';
import { TwoviewError } from '../errors.js';
import { requireBudget, type Selection } from './choice.js';

const STREAM = 'select';

/**
 * The first b of a longer list are the choice for budget b.
 *
 * @param count images, those with a label among them
 * @returns indices in the order of choice @throws TwoviewError BUDGET_TOO_LARGE
 */
export function random(count: number, choice: Selection): number[] {
  requireBudget(count, choice);
  const labelled = new Set(choice.labelled);
  return permutation(count, choice.seed, STREAM)
    .filter((index) => !labelled.has(index))
    .slice(0, choice.budget);
}

/**
 * The next image is a random one of a class that has the fewest so far, classes of equally many being in random order. It knows the
 * labels, so it is a bound for experiments and no way to choose what to label. The first b of a longer list are the choice for budget b.
 *
 * @param labels [N] classes, all known
 * @returns indices in the order of choice @throws TwoviewError LABELS_MISSING, BUDGET_TOO_LARGE
 */
export function stratified(labels: readonly number[], choice: Selection): number[] {
  const { budget, seed, labelled = [] } = choice;
  const open = labels.filter((label) => label < 0).length;
  if (open > 0) throw unknown(open, labels.length);
  requireBudget(labels.length, choice);
  const classes = Math.max(...labels) + 1;
  const taken = new Array<number>(classes).fill(0);
  for (const index of new Set(labelled)) taken[labels[index]!]!++;
  const waiting = Array.from({ length: classes }, (): number[] => []);
  for (const index of random(labels.length, { ...choice, budget: labels.length - new Set(labelled).size }))
    waiting[labels[index]!]!.push(index);
  const order = permutation(classes, seed, `${STREAM} classes`);
  return Array.from({ length: budget }, () => {
    const left = order.filter((label) => waiting[label]!.length > 0);
    const next = left.reduce((least, label) => (taken[label]! < taken[least]! ? label : least));
    taken[next]!++;
    return waiting[next]!.shift()!;
  });
}

const unknown = (open: number, count: number): TwoviewError =>
  new TwoviewError('LABELS_MISSING', {
    what: `stratified needs the label of every image, and ${open} of ${count} have none`,
    where: '--method stratified',
    next: ['--method max-herding, typiclust, k-medoids or random  need no labels'],
  });
