/** @file What a classifier is trained on and what it is tested on: the test images, the set's own validation split, or a share of the labels. */
import * as torch from '@twoview/torch';
import type { ClassifierConfig } from '../config/finetune.js';
import { type ImageSet, labelList } from '../data/image-set.js';
import { labelledTest, requireTrained } from '../data/labelled-test.js';
import { TwoviewError } from '../errors.js';

export interface LabelSplit {
  /** Of the training images, sorted. */
  trained: number[];
  /** `nothing` only where a teacher replaces the labels and there are none to test by. */
  evaluatedOn: 'test' | 'validation' | 'nothing';
  evaluated: { images(): torch.Tensor; labels(): torch.Tensor } | null;
  /** Training images that are tested on instead of the test images. */
  heldOut: number[];
}

/**
 * @param labelled indices of the training images whose labels may be used
 * @param unlabelledToo train on all images that are not tested on, as a teacher allows
 * @throws TwoviewError DATA_EMPTY, LABELS_MISSING
 */
export function splitLabels(
  labelled: readonly number[],
  set: ImageSet,
  { validation, seed }: Pick<ClassifierConfig, 'validation' | 'seed'>,
  unlabelledToo = false,
): LabelSplit {
  const without = (tested: readonly number[]): number[] => {
    const from = unlabelledToo ? Array.from({ length: set.train.count }, (_, i) => i) : labelled;
    const taken = new Set(tested);
    return from.filter((i) => !taken.has(i));
  };
  const whole = (split: 'val' | 'test') => ({
    images: () => set[split]!.images.detach(),
    labels: () => set[split]!.labels.detach(),
  });
  if (validation === 'val') {
    if (set.val === null) throw noValidation();
    requireTrained(set, set.val);
    return { trained: without([]), evaluatedOn: 'validation', evaluated: whole('val'), heldOut: [] };
  }
  if (validation > 0 && labelled.length > 0) {
    const heldOut = stratified(labelled, labelList(set.train), validation, seed);
    const select = (from: torch.Tensor) =>
      torch.scope(() => from.indexSelect(0, torch.tensor(heldOut, { dtype: 'int64' })));
    return {
      trained: without(heldOut),
      evaluatedOn: 'validation',
      evaluated: { images: () => select(set.train.images), labels: () => select(set.train.labels) },
      heldOut,
    };
  }
  if (unlabelledToo && !isTestable(set)) {
    return { trained: without([]), evaluatedOn: 'nothing', evaluated: null, heldOut: [] };
  }
  labelledTest(set);
  return { trained: without([]), evaluatedOn: 'test', evaluated: whole('test'), heldOut: [] };
}

/** Of each class the same share, rounded, one image of it always left to train on; at least one image in all. */
export function stratified(
  labelled: readonly number[],
  labels: readonly number[],
  share: number,
  seed: number,
): number[] {
  const order: number[] = torch.scope(() =>
    torch.randperm(labelled.length, { generator: new torch.Generator(seed) }).tolist(),
  );
  const byClass = new Map<number, number[]>();
  for (const i of order) {
    const index = labelled[i]!;
    const label = labels[index]!;
    byClass.set(label, [...(byClass.get(label) ?? []), index]);
  }
  const groups = [...byClass.values()];
  const chosen = groups.flatMap((group) =>
    group.slice(0, Math.min(group.length - 1, Math.round(group.length * share))),
  );
  const largest = groups.reduce((a, b) => (b.length > a.length ? b : a), []);
  return (chosen.length > 0 ? chosen : largest.slice(0, 1)).sort((a, b) => a - b);
}

const isTestable = ({ test, classes }: ImageSet): boolean =>
  test !== null && classes.length > 0 && labelList(test).some((label) => label >= 0);

const noValidation = (): TwoviewError =>
  new TwoviewError('DATA_EMPTY', {
    what: 'this set has no validation split beside its test split',
    where: '--validation val',
    next: ['--validation 0.2  keeps a part of the labelled images for that', 'or give the set val/ and test/'],
  });
