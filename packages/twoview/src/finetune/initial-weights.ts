/** @file Where a classifier starts: from scratch, or from the encoder of a run or a weights file. */
import * as torch from '@twoview/torch';
import { TwoviewError } from '../errors.js';
import type { Encoder } from '../models/create-model.js';
import { checkpointOf, encoderWeights } from '../runs/checkpoint.js';

const isClassifier = (key: string) => /^(fc|head\.fc|classifier)\./.test(key);

/**
 * Copies the encoder's weights in; the classifier keeps its fresh ones, as on the poster.
 *
 * @param init `scratch`, a run folder, or a .safetensors file @returns what was done, in words
 * @throws TwoviewError WEIGHTS_MISMATCH naming the keys that do not fit
 */
export function initialise(model: Encoder, init: string, name: string): string {
  if (init === 'scratch') return 'from scratch';
  const file = checkpointOf(init);
  return torch.scope(() => {
    const { tensors } = torch.safetensors.load(file);
    const given = Object.fromEntries(Object.entries(encoderWeights(tensors)).filter(([key]) => !isClassifier(key)));
    const own = Object.keys(model.stateDict()).filter((key) => !isClassifier(key));
    const missing = own.filter((key) => !Object.hasOwn(given, key));
    const unknown = Object.keys(given).filter((key) => !own.includes(key));
    const misshaped = own.filter(
      (key) => Object.hasOwn(given, key) && String(given[key]!.shape) !== String(model.stateDict()[key]!.shape),
    );
    if (missing.length + unknown.length + misshaped.length > 0) {
      const list = (title: string, keys: string[]) =>
        keys.length === 0 ? [] : [`${title} (${keys.length}): ${keys.slice(0, 5).join(', ')}`];
      throw new TwoviewError('WEIGHTS_MISMATCH', {
        what: [
          'these weights are of another network',
          ...list('missing', missing),
          ...list('unknown', unknown),
          ...list('other shape', misshaped),
        ].join('\n  '),
        where: `${file} for ${name}`,
        next: ['name the network (--model, --stem) that the weights were made with'],
      });
    }
    model.loadStateDict(given, { strict: false });
    return `${own.length} tensors of ${file}; the classifier is new`;
  });
}
