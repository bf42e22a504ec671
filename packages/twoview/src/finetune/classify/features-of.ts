/** @file Representations of what `classify` learns from and tests on, out of the cache where they are there. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { ClassifyConfig } from '../../config/classify.js';
import type { ImageSet } from '../../data/image-set.js';
import { cachedFeatures } from '../../evaluate/cached-features.js';
import { type FrozenEncoder, indexTensor } from '../../evaluate/frozen.js';
import type { OwnIo } from '../../own/own.js';
import type { Owned } from '../../runs/owned.js';
import type { ClassifySplit } from './chosen-labels.js';

export interface ClassifyFeatures {
  /** [N, d] of all training images that are not tested on, labelled or not. */
  trained: Tensor;
  /** Places of the labelled ones among these. */
  labelled: number[];
  /** [n] int64 of the labelled ones. */
  labels: Tensor;
  /** [M, d] of the images that are tested on. */
  evaluated: Tensor;
  /** [M] int64 */
  truth: Tensor;
}

export async function featuresOf(
  encoder: FrozenEncoder,
  set: ImageSet,
  { trained, heldOut, evaluatedOn, evaluated }: ClassifySplit,
  { config, io, owned }: { config: ClassifyConfig; io: OwnIo; owned: Owned },
): Promise<ClassifyFeatures> {
  const options = { crops: config.crops, io };
  const all = owned.add(await cachedFeatures(encoder, set, 'train', options));
  const out = new Set(heldOut);
  const places = Array.from({ length: set.train.count }, (_, i) => i).filter((i) => !out.has(i));
  const select = (of: Tensor, indices: readonly number[]) =>
    owned.add(torch.scope(() => of.indexSelect(0, indexTensor(indices))));
  const placeOf = new Map(places.map((index, place) => [index, place]));
  const part = evaluatedOn === 'test' ? 'test' : 'val';
  return {
    trained: heldOut.length === 0 ? all : select(all, places),
    labelled: trained.map((index) => placeOf.get(index)!),
    labels: select(set.train.labels, trained),
    evaluated: heldOut.length > 0 ? select(all, heldOut) : owned.add(await cachedFeatures(encoder, set, part, options)),
    truth: owned.add(evaluated!.labels()),
  };
}
