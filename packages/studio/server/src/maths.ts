/**
 * @file What the studio needs of mathematics: one interface, computed in a child process by functions of the library. What no version
 * of the library has yet answers NOT_YET; nothing is made up instead.
 */
import { Refusal } from './refusal.js';

/** Rows are those images that have a representation; `ids` says which image each of them is. */
export interface Maths {
  /** The nearest by cosine similarity, itself left out, the nearest first; exact. */
  similar(args: { image: number; count: number }): { ids: number[]; similarities: number[] };
  /** Of all images: [count, 2], NaN where there is no representation. */
  map(args: { method: 'pca' | 'umap'; count: number }): Float32Array;
  /** Classes by the votes of the nearest labelled images (the library's kNN); certainty is the share of the votes. */
  vote(args: { images: Int32Array; labels: Int32Array }): {
    ids: Int32Array;
    classes: Int32Array;
    shares: Float32Array;
  };
  /** Images to label, in order, of `candidates`; `labelled` count as chosen. */
  choose(args: { method: string; candidates: Int32Array; labelled: Int32Array; count: number; seed: number }): number[];
  /** Groups of unlabelled images that look alike, with the class that labelled neighbours propose. */
  clusters(args: { candidates: Int32Array; images: Int32Array; labels: Int32Array; rows: number; size: number }): {
    images: number[];
    proposed: number | null;
    certainty: number;
  }[];
}

/** @throws Refusal NOT_YET, always */
export function notYet(what: string): never {
  throw new Refusal('NOT_YET', `${what} is not in this version of twoview`, 'it comes with a later one');
}
