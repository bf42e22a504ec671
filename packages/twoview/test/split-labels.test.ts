/** @file Which labelled images are trained on and which are tested on. */
import * as torch from '@twoview/torch';
import { beforeAll, expect, test } from 'vitest';
import type { ImageSet, Split } from '../src/data/image-set.js';
import { splitLabels, stratified } from '../src/finetune/split-labels.js';

beforeAll(() => torch.load());

const split = (labels: number[]): Split => ({
  images: torch.zeros([labels.length, 3, 2, 2], { dtype: 'uint8' }),
  labels: torch.tensor(labels, { dtype: 'int64' }),
  count: labels.length,
  paths: null,
});
const setOf = (parts: { train: number[]; val?: number[]; test?: number[] }, classes = ['a', 'b']) =>
  ({
    classes,
    train: split(parts.train),
    val: parts.val ? split(parts.val) : null,
    test: parts.test ? split(parts.test) : null,
  }) as ImageSet;
const codeOf = (act: () => unknown) => {
  try {
    return act();
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test('a validation share has the same part of each class, and leaves one image of it to train on', () => {
  const labels = Array.from({ length: 111 }, (_, i) => (i < 100 ? 0 : i < 110 ? 1 : 2));
  const all = labels.map((_, i) => i);
  const chosen = stratified(all, labels, 0.2, 3);
  const of = (label: number) => chosen.filter((i) => labels[i] === label).length;
  expect([of(0), of(1), of(2)]).toEqual([20, 2, 0]);
  expect(chosen).toEqual(stratified(all, labels, 0.2, 3));
  expect(chosen).not.toEqual(stratified(all, labels, 0.2, 4));
  expect(stratified([0, 1], [0, 1], 0.5, 0).length).toBe(1); // nothing to measure on would be worse than a class untrained
});

test('a share, the part of the set, and the test images: never the same images on both sides', () => {
  const set = setOf({ train: [0, 0, 0, 0, 1, 1, 1, 1], val: [0, 1, 1], test: [1, 0] });
  const all = [0, 1, 2, 3, 4, 5, 6, 7];
  const share = splitLabels(all, set, { validation: 0.25, seed: 0 });
  expect([share.evaluatedOn, share.heldOut.length, [...share.trained, ...share.heldOut].sort()]).toEqual([
    'validation',
    2,
    all,
  ]);
  expect(share.evaluated!.labels().tolist().sort()).toEqual([0, 1]);
  const val = splitLabels(all, set, { validation: 'val', seed: 0 });
  expect([val.evaluatedOn, val.evaluated!.labels().tolist(), val.trained]).toEqual(['validation', [0, 1, 1], all]);
  const onTest = splitLabels(all, set, { validation: 0, seed: 0 });
  expect([onTest.evaluatedOn, onTest.evaluated!.labels().tolist()]).toEqual(['test', [1, 0]]);
});

test('what cannot be measured is refused, but for a student whose teacher needs no labels', () => {
  const none = { validation: 0, seed: 0 };
  expect(codeOf(() => splitLabels([0], setOf({ train: [0] }), { validation: 'val', seed: 0 }))).toBe('DATA_EMPTY');
  expect(codeOf(() => splitLabels([0, 1], setOf({ train: [0, 1] }), none))).toBe('DATA_EMPTY');
  expect(codeOf(() => splitLabels([0, 1], setOf({ train: [0, 1], test: [0, -1] }), none))).toBe('LABELS_MISSING');
  expect(codeOf(() => splitLabels([0, 1], setOf({ train: [0, 0], test: [1] }), none))).toBe('DATA_EMPTY');
  const student = splitLabels([], setOf({ train: [-1, -1, -1] }, []), none, true);
  expect([student.evaluatedOn, student.evaluated, student.trained]).toEqual(['nothing', null, [0, 1, 2]]);
});
