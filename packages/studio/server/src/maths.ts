/**
 * @file What the studio needs of mathematics: one interface, computed in a child process by functions of the library. What no version
 * of the library has yet answers NOT_YET; nothing is made up instead.
 */
import type { Accuracy, AccuracySummary, Suspects } from './api.js';
import { Refusal } from './refusal.js';

/** Rows are those images that have a representation; `ids` says which image each of them is. */
export interface Maths {
  /** The nearest by cosine similarity, itself left out, the nearest first; exact. */
  similar(args: { image: number; count: number }): { ids: number[]; similarities: number[] };
  /** Of all images by their principal components: [count, 2], NaN where there is no representation. */
  map(args: { count: number }): Float32Array;
  /**
   * The class of every image by a ridge head on the labels so far (the library's `ridgeHead`); probabilities are calibrated on labels
   * that were left out. Null for labels of fewer than two classes.
   */
  fit(args: { images: Int32Array; labels: Int32Array }): {
    ids: Int32Array;
    classes: Int32Array;
    probabilities: Float32Array;
  } | null;
  /** Labels that are likely wrong, the surest first, by a ridge head that leaves each of them out. */
  wrongLabels(args: { images: number[]; labels: number[] }): Suspects['labels'];
  /** The accuracy of what `fit` made last, quickly; null before that. @param labels how many it learned from */
  summary(args: { exam: number[]; truth: number[]; labels: number }): AccuracySummary | null;
  /** The accuracy of the classifier of these labels on these images of the exam; null for labels of fewer than two classes. */
  accuracyOf(args: { images: number[]; labels: number[]; exam: number[]; truth: number[] }): AccuracySummary | null;
  /** How good the classifier of these labels is, on the answered images of the exam. Classes by their ids; labels in the order given. */
  measure(args: {
    images: number[];
    labels: number[];
    exam: number[];
    truth: number[];
    classes: { id: number; name: string }[];
  }): Accuracy;
  /** Images to label, in order, of `candidates`; `labelled` count as chosen. */
  choose(args: {
    method: string;
    candidates: Int32Array;
    labelled: Int32Array;
    count: number;
    seed: number;
  }): Promise<number[]>;
  /** Unlabelled images that look alike: around those that MaxHerding chooses, with the class that `fit` sees in them. */
  clusters(args: {
    candidates: Int32Array;
    labelled: Int32Array;
    rows: number;
    size: number;
  }): Promise<{ images: number[]; proposed: number | null; certainty: number }[]>;
}

/** @throws Refusal NOT_YET, always */
export function notYet(what: string): never {
  throw new Refusal('NOT_YET', `${what} is not in this version of twoview`, 'it comes with a later one');
}
