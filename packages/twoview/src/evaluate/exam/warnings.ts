/** @file What makes the number of an exam unsound. Codes are public: never renamed, never used twice. */
import { DIGEST_BYTES } from '../../data/store/store-file.js';
import { equalTo } from '../../data/twins/twins.js';
import { requireClassesBelow, requireEqualLength } from './refuse.js';
import { wilson } from './wilson.js';

export type ExamWarningCode =
  | 'EXAM_TRAINED'
  | 'EXAM_CHOSEN'
  | 'EXAM_TWINS'
  | 'EXAM_NOT_RANDOM'
  | 'EXAM_CLASS_MISSING'
  | 'EXAM_IMBALANCE'
  | 'EXAM_SMALL';

export interface ExamWarning {
  code: ExamWarningCode;
  text: string;
}

export interface ExamFacts {
  /** Indices of the exam's images that were answered. */
  images: readonly number[];
  /** Their classes. */
  truth: readonly number[];
  classes: readonly string[];
  /** Whether `drawExam` or a like draw made it, before anything was labelled. */
  random: boolean;
  /** Indices of all images that the classifier was trained on. */
  trained: readonly number[];
  /** Images whose classes chose a setting, a network or the moment to stop; none where it is left out. */
  choseBy?: readonly number[];
  /** Images that show one picture, by index (`survey` or `twoview data` finds them). */
  twins?: readonly (readonly [number, number])[];
  /** What the pixels of every image hash to, 16 bytes each, as `ImageSet.digests` gives them. */
  digests?: Buffer;
}

/** A class this many times as large as another, as in the survey of a set. */
const IMBALANCE = 10;
/** Below it the interval is 19 points wide at an accuracy of a half, and certainties cannot narrow it. */
const SMALL = 100;

/** @returns the worst first @throws TwoviewError EXAM_INVALID */
export function examWarnings(facts: ExamFacts): ExamWarning[] {
  const { images, truth, classes, random, trained, choseBy = [] } = facts;
  requireEqualLength(images, truth, 'images, truth');
  requireClassesBelow(classes.length, truth, 'truth');
  const n = images.length;
  const shared = (others: readonly number[]) => {
    const known = new Set(others);
    return images.filter((image) => known.has(image)).length;
  };
  const [learned, chosen, twins] = [shared(trained), shared(choseBy), withTwins(facts)];
  const sizes = classes.map((name, c) => ({ name, n: truth.filter((one) => one === c).length }));
  const missing = sizes.filter((one) => one.n === 0).map(({ name }) => name);
  const present = sizes.filter((one) => one.n > 0).sort((a, b) => a.n - b.n);
  const [least, most] = [present[0], present.at(-1)];
  const found: [ExamWarningCode, boolean, () => string][] = [
    ['EXAM_TRAINED', learned > 0, () => `${learned} of ${n} exam images were trained on: the accuracy is too high`],
    ['EXAM_CHOSEN', chosen > 0, () => `${chosen} of ${n} exam images chose a setting: the accuracy is too high`],
    [
      'EXAM_TWINS',
      twins > 0,
      () => `${twins} of ${n} exam images show the same picture as one that was trained on: there, memory is measured`,
    ],
    [
      'EXAM_NOT_RANDOM',
      !random,
      () => 'the exam is no random sample: its accuracy says nothing of other images, and the interval does not hold',
    ],
    [
      'EXAM_CLASS_MISSING',
      missing.length > 0,
      () =>
        `${missing.length} of ${classes.length} classes have no exam image: ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', ...' : ''}`,
    ],
    [
      'EXAM_IMBALANCE',
      least !== undefined && most !== undefined && most.n >= IMBALANCE * least.n,
      () =>
        `classes differ in size: ${most!.n} exam images of ${most!.name}, ${least!.n} of ${least!.name}; whoever always says ${most!.name} has ${((100 * most!.n) / n).toFixed(0)} %, so look at the classes one by one`,
    ],
    [
      'EXAM_SMALL',
      n < SMALL,
      () => {
        const { low, high } = wilson(Math.round(n / 2), n);
        return `${n} exam images: the interval can be ${(100 * (high - low)).toFixed(0)} points wide; ${SMALL} are a start, 400 are good`;
      },
    ],
  ];
  return found.flatMap(([code, applies, text]) => (applies ? [{ code, text: text() }] : []));
}

function withTwins({ images, trained, twins = [], digests }: ExamFacts): number {
  const known = new Set(trained);
  const inExam = new Set(images);
  const found = new Set<number>();
  for (const [a, b] of twins) {
    if (inExam.has(a) && known.has(b)) found.add(a);
    if (inExam.has(b) && known.has(a)) found.add(b);
  }
  if (digests !== undefined) {
    const of = (rows: readonly number[]) =>
      Buffer.concat(rows.map((row) => digests.subarray(row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES)));
    for (const place of equalTo(of(images), of(trained))) found.add(images[place]!);
  }
  return [...found].filter((image) => !known.has(image)).length; // one that was trained on is counted as that
}
