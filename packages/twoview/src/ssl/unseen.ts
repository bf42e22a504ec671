/** @file Images to show that are not among a network's training images. */
import type { InspectConfig } from '../config/inspect.js';
import type { PretrainConfig } from '../config/pretrain.js';
import { type ImageSet, labelList, type Split } from '../data/image-set.js';
import { heldOutIndices, permutation } from '../data/indices.js';

export interface Unseen {
  /** What they are, in words. */
  name: string;
  split: Split;
  /** Where they stand in the split. */
  indices: number[];
  /** Their classes, in the same order; -1 where not known. */
  labels: number[];
}

/** Fewer have no views of different images. */
const LEAST = 2;

/** Test images; else what the pre-training held out, or all where it was trained on another set. At most `points` of them. */
export function unseenImages(set: ImageSet, trained: PretrainConfig, { points, data }: InspectConfig): Unseen {
  const choose = (): { name: string; split: Split; from: number[] } => {
    if (set.test !== null && set.test.count >= LEAST)
      return { name: 'test images', split: set.test, from: permutation(set.test.count, trained.seed, 'shown') };
    const split = set.train;
    const heldOut = heldOutIndices(split, trained.heldOut, trained.seed).indices;
    if (data === '' && heldOut.length >= LEAST)
      return { name: 'images held out of the pre-training', split, from: heldOut };
    const name = data === '' ? 'training images of this run' : 'training images';
    return { name, split, from: permutation(split.count, trained.seed, 'shown') };
  };
  const { name, split, from } = choose();
  const indices = from.slice(0, points);
  const classes = labelList(split);
  return { name, split, indices, labels: indices.map((i) => classes[i]!) };
}
