/** @file Where a classifier starts: from scratch, or from the encoder of a run or a weights file. */

import type { Stem } from '../config/fields.js';
import type { FinetuneConfig } from '../config/finetune.js';
import { TwoviewError } from '../errors.js';
import type { Encoder } from '../models/create-model.js';
import { describeLoad, loadEncoder, type Weights } from '../models/weights.js';

/**
 * The network to train: the one that was named, else the one that the weights say they are of, else ResNet-18 for small images.
 *
 * @param weights null from scratch
 * @throws TwoviewError WEIGHTS_MISMATCH when another stem was named than the weights were learnt with; that of ImageNet can
 * be adapted to small images
 */
export function networkFor({ model, stem }: FinetuneConfig, weights: Weights | null): { model: string; stem: Stem } {
  const learnt = weights?.metadata ?? {};
  const fits = stem === 'auto' || learnt.stem === undefined || learnt.stem === stem || learnt.stem === 'imagenet';
  if (weights !== null && !fits) {
    // The keys may fit all the same, and the accuracy would be quietly poor.
    throw new TwoviewError('WEIGHTS_MISMATCH', {
      what: `these weights were learnt with the stem ${learnt.stem}, not ${stem}`,
      where: weights.file,
      next: [`--stem ${learnt.stem}`],
    });
  }
  return {
    model: model === 'auto' ? (learnt.model ?? 'resnet18') : model,
    stem: stem === 'auto' ? ((learnt.stem ?? 'cifar') as Stem) : stem,
  };
}

/**
 * The classifier keeps its fresh weights, as on the poster.
 *
 * @returns what was done, in words @throws TwoviewError WEIGHTS_MISMATCH naming the keys that do not fit
 */
export function initialise(encoder: Encoder, weights: Weights | null, model: string): string {
  if (weights === null) return 'from scratch';
  return `${describeLoad(loadEncoder(encoder, weights, model), weights)}; the classifier is new`;
}
