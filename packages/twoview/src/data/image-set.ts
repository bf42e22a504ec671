/** @file What every data source becomes: uint8 images and labels in memory-mapped tensors. */
import type { Tensor } from '@twoview/torch';

export interface Split {
  /** [N, 3, S, S] uint8. */
  images: Tensor;
  /** [N] int64; -1 where the class is not known. */
  labels: Tensor;
  count: number;
}

export interface ImageSet {
  name: string;
  /** Of what the images were made of: equal hashes mean equal images. */
  hash: string;
  /** Class names; empty for unlabelled images. */
  classes: string[];
  /** S, in pixels. */
  imageSize: number;
  train: Split;
  test: Split | null;
  /** What a reader of results must know: recompressed, damaged images left out, split made here. */
  notes: string[];
}

/** Classes as a plain list; -1 where not known. */
export const labelList = (split: Split): number[] => split.labels.tolist();
