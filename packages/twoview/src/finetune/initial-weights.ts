/** @file Where a classifier starts: from scratch, or from the encoder of a run or a weights file. */
import type { Encoder } from '../models/create-model.js';
import { loadEncoder, readWeights } from '../models/weights.js';

/**
 * The classifier keeps its fresh weights, as on the poster.
 *
 * @param init `scratch`, a run folder, or a weights file @returns what was done, in words
 * @throws TwoviewError WEIGHTS_MISMATCH naming the keys that do not fit
 */
export async function initialise(model: Encoder, init: string, name: string): Promise<string> {
  if (init === 'scratch') return 'from scratch';
  using weights = await readWeights(init);
  return `${loadEncoder(model, weights, name)} tensors of ${weights.file}; the classifier is new`;
}
