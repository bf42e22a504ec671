/** @file Where a classifier starts: from scratch, or from the encoder of a run or a weights file. */

import type { Generator } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Stem } from '../config/fields.js';
import type { ClassifierConfig } from '../config/finetune.js';
import { TwoviewError } from '../errors.js';
import { modelFor } from '../models/auto-model.js';
import type { Encoder } from '../models/create-model.js';
import type { OwnEncoder } from '../models/own-network.js';
import { stemFor } from '../models/stem.js';
import { describeLoad, isClassifier, loadEncoder, type Weights } from '../models/weights.js';
import { createClassifier, headLayerOf } from '../models/with-head-layer.js';

/**
 * The network to train: the one that was named, else the one that the weights say they are of, else what suits the images.
 *
 * @param weights null from scratch
 * @throws TwoviewError WEIGHTS_MISMATCH when another stem was named than the weights were trained with; that of ImageNet can
 * be adapted to small images
 */
export function networkFor(
  { model, stem, device }: ClassifierConfig,
  weights: Weights | null,
  imageSize: number,
): { model: string; stem: Stem } {
  const known = weights?.metadata ?? {};
  const fits = stem === 'auto' || known.stem === undefined || known.stem === stem || known.stem === 'imagenet';
  if (weights !== null && !fits) {
    // The keys may fit all the same, and the accuracy would be quietly poor.
    throw new TwoviewError('WEIGHTS_MISMATCH', {
      what: `these weights were trained with the stem ${known.stem}, not ${stem}`,
      where: weights.file,
      next: [`--stem ${known.stem}`],
    });
  }
  return {
    model: model === 'auto' ? (known.model ?? modelFor('auto', { imageSize, device })) : model,
    stem: stem === 'auto' ? ((known.stem as Stem | undefined) ?? stemFor('auto', imageSize)) : stem,
  };
}

/**
 * The poster's "another linear layer" begins as torch.nn.Linear does. ReXNet's own classifier begins wider, for a thousand
 * classes: with ten, its first loss would be 8 instead of 2.3 (timm/models/rexnet.py, _init_weights).
 */
function withNewClassifier(network: Encoder, generator: Generator): Encoder {
  for (const [key, parameter] of network.namedParameters()) {
    if (isClassifier(key)) torch.nn.init.defaultUniform(parameter, network.featureSize, { generator });
  }
  return network;
}

export interface NewClassifier {
  /** 0 on h, 1 on the first layer of a projection head. */
  headLayer: number;
  numClasses: number;
  imageSize: number;
  generator: Generator;
  own: OwnEncoder | undefined;
}

/**
 * A network with a classifier, on h or on the first layer of the projection head that came with the weights.
 *
 * @throws TwoviewError CONFIG_INVALID when a head is asked for and none came
 */
export function networkToTrain(
  { model, stem }: { model: string; stem: Stem },
  { headLayer, generator, own, ...classifier }: NewClassifier,
  weights: Weights | null,
): Encoder {
  const shape = { model, stem, ...classifier };
  if (headLayer === 0)
    return withNewClassifier(createClassifier({ ...shape, headLayerWidth: null }, generator, own), generator);
  const first = weights?.head['0.weight'];
  if (first === undefined) {
    throw new TwoviewError('CONFIG_INVALID', {
      what: 'the classifier cannot stand on a projection head: none came with the weights',
      where: `--head-layer ${headLayer}`,
      next: ['--init RUN  a pre-training of twoview', '--head-layer 0'],
    });
  }
  const network = createClassifier({ ...shape, headLayerWidth: first.shape[0]! }, generator, own);
  network.loadStateDict(headLayerOf(weights!.head), { strict: false });
  return network;
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
