/**
 * @file The classifier fitted to the encoder as it is, before the encoder learns too: from a random classifier the first steps change
 * representations that were good already. Source: LP-FT, Kumar et al. 2022, arXiv 2202.10054, whose probe is a logistic regression; here it
 * is ridge regression, brought to probabilities, which takes a second for any number of labels.
 */
import * as torch from '@twoview/torch';
import type { Normalisation } from '../augment/chunks.js';
import type { Split } from '../data/image-set.js';
import { TwoviewError } from '../errors.js';
import { overImages } from '../evaluate/features.js';
import { indexTensor } from '../evaluate/frozen.js';
import { ridgeHead } from '../evaluate/heads/ridge.js';
import { compute } from '../models/compute.js';
import type { Encoder } from '../models/create-model.js';
import { isClassifier } from '../models/weights.js';
import type { JobIo } from '../runs/events.js';
import type { TrainConfig } from './training.js';

export interface ProbeFirst {
  split: Split;
  /** Indices of the labelled images. */
  trained: readonly number[];
  numClasses: number;
  normalisation: Normalisation;
  device: string;
  io: JobIo;
}

/** Replaces the weights of the classifier on h. @throws TwoviewError LABELS_MISSING for labels of fewer than two classes; INTERRUPTED */
export async function probeFirst(
  encoder: Encoder,
  { split, trained, numClasses, normalisation, device, io }: ProbeFirst,
): Promise<void> {
  using at = indexTensor(trained);
  using images = split.images.indexSelect(0, at);
  using labels = torch.scope(() => split.labels.indexSelect(0, at).to(device));
  encoder.eval();
  const float32 = compute(device, 'float32'); // a choice of strength must not depend on what was measured
  using features = await overImages(images, (x) => encoder.features(x), {
    ...{ normalisation, compute: float32, phase: 'representations of the labelled images', io },
  });
  using head = ridgeHead(features, labels, { numClasses });
  torch.noGrad(() => {
    for (const [key, parameter] of encoder.namedParameters()) {
      if (isClassifier(key)) parameter.copy_(parameter.ndim === 1 ? head.bias : head.weight);
    }
  });
  const { strength, by } = head.choice;
  io.onEvent?.({ type: 'note', text: `the classifier begins as a ridge regression of strength ${strength}, by ${by}` });
}

/** @throws TwoviewError CONFIG_INVALID where there is nothing to fit it to */
export function requireProbe(config: TrainConfig): void {
  const refused = (what: string, instead: string[]) =>
    new TwoviewError('CONFIG_INVALID', {
      what,
      where: '--probe-first',
      next: [...instead, 'leave --probe-first out'],
    });
  if (config.init === 'scratch' && config.epochs > 0)
    throw refused('a classifier cannot be fitted to an encoder that has learned nothing yet', ['--init RUN']);
  if (config.headLayer > 0)
    throw refused('the classifier is fitted to representations, and --head-layer attaches it to the projection head', [
      '--head-layer 0',
    ]);
  if ('teacher' in config) throw refused('a student has no labels to fit a classifier to', []);
}
