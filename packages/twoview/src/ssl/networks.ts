/** @file Encoder and projection head as a pre-training begins with them: the same for the same seed. */
import type * as torch from '@twoview/torch';
import type { PretrainConfig } from '../config/pretrain.js';
import { createModel, type Encoder } from '../models/create-model.js';
import type { Owned } from '../runs/owned.js';
import { streamGenerator } from '../runs/random.js';
import { projectionHead } from './projection-head.js';

export interface Networks {
  encoder: Encoder;
  head: torch.nn.Sequential;
}

/** @param owned takes over what must be freed */
export function initialNetworks(
  { model, stem, seed, projectionSize, projectionLayers }: PretrainConfig,
  owned: Owned,
): Networks {
  if (stem === 'auto') throw new Error('the stem is settled where the size of the images is known');
  const generator = streamGenerator(seed, 'init', 0);
  const encoder = owned.add(createModel(model, { numClasses: 0, stem, generator }));
  const head = projectionHead(encoder.featureSize, { outputs: projectionSize, layers: projectionLayers, generator });
  return { encoder, head: owned.add(head) };
}
