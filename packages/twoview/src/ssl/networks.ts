/** @file Encoder and projection head as a pre-training begins with them: the same for the same seed. */
import type * as torch from '@twoview/torch';
import type { PretrainConfig } from '../config/pretrain.js';
import type { Encoder } from '../models/create-model.js';
import { createEncoder } from '../models/own-network.js';
import type { Own } from '../own/own.js';
import type { Owned } from '../runs/owned.js';
import { streamGenerator } from '../runs/random.js';
import { projectionHead } from './projection-head.js';

export type NetworkSettings = Pick<PretrainConfig, 'model' | 'stem' | 'seed' | 'projectionSize' | 'projectionLayers'>;

export interface Networks {
  encoder: Encoder;
  head: torch.nn.Module;
}

/** @param owned takes over what must be freed @param imageSize in pixels @param own what the caller brought */
export function initialNetworks(
  { model, stem, seed, projectionSize, projectionLayers }: NetworkSettings,
  owned: Owned,
  imageSize: number,
  own: Own = {},
): Networks {
  if (stem === 'auto') throw new Error('the stem is resolved where the size of the images is known');
  const generator = streamGenerator(seed, 'init', 0);
  const encoder = owned.add(createEncoder(model, { numClasses: 0, stem, generator, imageSize }, own.encoder));
  const options = { outputs: projectionSize, layers: projectionLayers, generator };
  const head = own.head?.create(encoder.featureSize) ?? projectionHead(encoder.featureSize, options);
  return { encoder, head: owned.add(head) };
}
