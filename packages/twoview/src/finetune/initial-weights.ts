/** @file Where a classifier starts: from scratch, or from the encoder of a run or a weights file. */
import { TwoviewError } from '../errors.js';
import type { Encoder } from '../models/create-model.js';
import { loadEncoder, readWeights } from '../models/weights.js';

/**
 * The classifier keeps its fresh weights, as on the poster.
 *
 * @param init `scratch`, a run folder, or a weights file @returns what was done, in words
 * @throws TwoviewError WEIGHTS_MISMATCH naming the keys that do not fit
 */
export async function initialise(
  encoder: Encoder,
  init: string,
  { model, stem }: { model: string; stem: string },
): Promise<string> {
  if (init === 'scratch') return 'from scratch';
  using weights = await readWeights(init);
  const { stem: learntWith = stem } = weights.metadata;
  if (learntWith !== stem) {
    // The keys would fit, and the accuracy would be quietly poor.
    throw new TwoviewError('WEIGHTS_MISMATCH', {
      what: `these weights were learnt with the stem ${learntWith}, not ${stem}`,
      where: weights.file,
      next: [`--stem ${learntWith}`],
    });
  }
  return `${loadEncoder(encoder, weights, model)} tensors of ${weights.file}; the classifier is new`;
}
