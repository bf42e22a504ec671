/**
 * @file Accuracy on the exam by number of labels: of the first ones in the order in which they were given, which is how it was; and of random
 * parts of all labels, which say how much depends on which labels these are, and are what a forecast is made of (forecast.ts).
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { streamGenerator } from '../../runs/random.js';
import { placesTensor } from '../heads/labels.js';
import { ridgeHead } from '../heads/ridge.js';
import { type Scale, scaleOf } from '../heads/scale.js';
import { invalid, requireClassesBelow, requireEqualLength } from './refuse.js';
import { type Share, wilson } from './wilson.js';

export interface LabelCurveOptions {
  /** [n, d] float32 of the labelled images, in the order in which their labels were given */
  features: Tensor;
  /** [n] classes */
  labels: readonly number[];
  exam: { /** [m, d] float32 */ features: Tensor /** [m] classes */; truth: readonly number[] };
  numClasses: number;
  seed: number;
  /** Numbers of labels; from all of them downwards by the square root of two where it is left out, down to 10 or two a class. */
  sizes?: readonly number[];
  /** Random parts of each size. */
  repeats?: number;
  /** Of all images; of the labelled ones where it is left out. */
  scale?: Scale;
}

export interface LabelCurvePoint extends Share {
  labels: number;
  /** Of each exam image, 1 where the classifier of a random part of so many labels is right; all parts are one where these are all labels. */
  random: Uint8Array[];
}

export interface LabelCurve {
  /** The fewest labels first; accuracy and interval of the first labels that were given. */
  points: LabelCurvePoint[];
  /** m */
  exam: number;
}

/** @throws TwoviewError EXAM_INVALID, LABELS_MISSING */
export function labelCurve(options: LabelCurveOptions): LabelCurve {
  const { features, labels, exam, numClasses, seed, repeats = 8 } = options;
  const n = labels.length;
  requireClassesBelow(numClasses, labels, 'labels');
  requireClassesBelow(numClasses, exam.truth, 'exam.truth');
  requireEqualLength({ length: features.shape[0]! }, labels, 'features, labels');
  requireEqualLength({ length: exam.features.shape[0]! }, exam.truth, 'exam.features, exam.truth');
  const sizes = [...new Set(options.sizes ?? halving(n, Math.max(10, 2 * numClasses)))].sort((a, b) => a - b);
  const wrong = sizes.find((size) => !Number.isInteger(size) || size < 1 || size > n);
  if (wrong !== undefined) throw invalid(`${wrong} of ${n} labels cannot be`, 'sizes', `give numbers from 1 to ${n}`);
  const orders = Array.from({ length: repeats }, (_, repeat): number[] =>
    torch.scope(() => torch.randperm(n, { generator: streamGenerator(seed, 'label-curve', repeat) }).tolist()),
  );
  const scale = options.scale ?? scaleOf(features);
  try {
    const rightBy = (places: readonly number[]) => rightOf({ features, labels, exam, numClasses, scale }, places);
    const given = Array.from({ length: n }, (_, i) => i);
    const points = sizes.map((size): LabelCurvePoint => {
      const first = rightBy(given.slice(0, size));
      const random = orders.map((order) => (size === n ? first : rightBy(order.slice(0, size))));
      const right = first.reduce((a, b) => a + b, 0);
      return { labels: size, ...wilson(right, exam.truth.length), random };
    });
    return { points, exam: exam.truth.length };
  } finally {
    if (options.scale === undefined) scale[Symbol.dispose]();
  }
}

/** At most eight, the largest last. */
function halving(n: number, least: number): number[] {
  const sizes = Array.from({ length: 8 }, (_, i) => Math.round(n / 2 ** (i / 2)));
  return sizes.filter((size) => size >= Math.min(least, n)).reverse();
}

type Problem = Pick<LabelCurveOptions, 'features' | 'labels' | 'exam' | 'numClasses'> & { scale: Scale };

function rightOf({ features, labels, exam, numClasses, scale }: Problem, places: readonly number[]): Uint8Array {
  const known = places.map((place) => labels[place]!);
  // No classifier can be fitted to one class; what it would say is plain.
  if (new Set(known).size === 1) return Uint8Array.from(exam.truth, (truth) => Number(truth === known[0]));
  const predicted: number[] = torch.scope(() => {
    const x = features.indexSelect(0, placesTensor(places, features));
    using head = ridgeHead(x, placesTensor(known, features), { numClasses, scale });
    return head.logits(exam.features).argmax({ dim: 1 }).tolist();
  });
  return Uint8Array.from(predicted, (one, i) => Number(one === exam.truth[i]));
}
