/** @file What every data source becomes: uint8 images and labels in memory-mapped tensors. */
import type { Tensor } from '@twoview/torch';
import type { Part } from './parts.js';

export interface Split {
  /** [N, 3, S, S] uint8. */
  images: Tensor;
  /** [N] int64; -1 where the class is not known. */
  labels: Tensor;
  count: number;
  /** The file of each image, from the folder that holds them all or their table; null for sets that are not made of such files. */
  paths: readonly string[] | null;
}

/** `using set = await openImages(...)` frees its tensors at the end of the block. */
export interface ImageSet extends Disposable {
  name: string;
  /** The folder that the paths of its images are named from; null where they have none. */
  root: string | null;
  /** Of pixels, labels, class names and parts: equal hashes mean equal images, wherever they are and whatever they are called. */
  hash: string;
  /** Class names; empty for unlabelled images. */
  classes: string[];
  /** S, in pixels. */
  imageSize: number;
  train: Split;
  /** Images that neither train nor test; `--validation val` evaluates on them. */
  val: Split | null;
  test: Split | null;
  /** What a reader of results must know: recompressed, damaged images left out, split made here. */
  notes: string[];
  /** What makes results doubtful: twins between parts, classes of very different size, one class alone. */
  warnings: string[];
  /** What the pixels of each image hash to, 16 bytes each, one after the other. */
  digests(): Promise<Record<Part, Buffer>>;
}

/** The parts that a set has, with their names. */
export const partsOf = (set: Pick<ImageSet, Part>): { part: Part; split: Split }[] =>
  (['train', 'val', 'test'] as const).flatMap((part) => {
    const split = set[part];
    return split === null ? [] : [{ part, split }];
  });

/** @returns the set, able to free its tensors */
export function disposable(set: Omit<ImageSet, typeof Symbol.dispose>): ImageSet {
  const dispose = () => {
    for (const { split } of partsOf(set)) {
      split.images.dispose();
      split.labels.dispose();
    }
  };
  return { ...set, [Symbol.dispose]: dispose };
}

/** Classes as a plain list; -1 where not known. */
export const labelList = (split: Split): number[] => split.labels.tolist();
