/** @file An encoder that does not learn any more: read from a run or a weights file, and put over images. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Normalisation } from '../augment/chunks.js';
import type { FrozenConfig } from '../config/evaluate.js';
import type { Stem } from '../config/fields.js';
import type { ImageSet } from '../data/image-set.js';
import { normalisationOf, parseNormalisation } from '../data/normalisation.js';
import { TwoviewError } from '../errors.js';
import type { Compute } from '../models/compute.js';
import type { Encoder } from '../models/create-model.js';
import { createEncoder, measuredName } from '../models/own-network.js';
import { place } from '../models/resolve.js';
import { stemFor } from '../models/stem.js';
import { describeLoad, loadEncoder, readWeights, type Weights } from '../models/weights.js';
import type { OwnIo } from '../own/own.js';
import type { Crops } from './crops.js';
import { overImages } from './features.js';

export interface FrozenEncoder extends Disposable {
  model: string;
  stem: Stem;
  featureSize: number;
  /** Where its weights were read from. */
  file: string;
  normalisation: Normalisation;
  compute: Compute;
  /** Its own tensors, under its keys. */
  stateDict(): Record<string, Tensor>;
  /** @param images [N, 3, S, S] uint8 @param crops views of each that are averaged @returns [N, d] float32 */
  features(images: Tensor, phase: string, crops?: Crops): Promise<Tensor>;
}

/** @throws TwoviewError RUN_NOT_FOUND, WEIGHTS_MISMATCH, CONFIG_INVALID; TorchError */
export async function openFrozen(config: FrozenConfig, set: ImageSet, io: OwnIo): Promise<FrozenEncoder> {
  using weights = await readWeights(config.weights, config.model === 'auto' ? undefined : config.model, io);
  const model = config.model === 'auto' ? weights.metadata.model : config.model;
  if (model === undefined) {
    throw new TwoviewError('CONFIG_INVALID', {
      what: 'this weights file does not say which network it is of',
      where: weights.file,
      next: ['--model NAME  twoview models lists the networks'],
    });
  }
  const stem =
    config.stem === 'auto'
      ? ((weights.metadata.stem as Stem | undefined) ?? stemFor('auto', set.imageSize))
      : config.stem;
  const encoder = createEncoder(model, { numClasses: 0, stem, imageSize: set.imageSize }, io.own?.encoder);
  try {
    return ready(encoder, { ...config, model, stem }, weights, set, io);
  } catch (error) {
    encoder.dispose();
    throw error;
  }
}

function ready(encoder: Encoder, config: FrozenConfig, weights: Weights, set: ImageSet, io: OwnIo): FrozenEncoder {
  const { model, stem } = config;
  const loaded = describeLoad(loadEncoder(encoder, weights, model), weights);
  const normalisation = normalisationFor(config, weights, set);
  io.onEvent?.({ type: 'note', text: `${model}, stem ${stem}: ${loaded}` });
  io.onEvent?.({
    type: 'note',
    text: `mean ${normalisation.mean.map((x) => x.toFixed(4))}, std ${normalisation.std.map((x) => x.toFixed(4))}`,
  });
  const compute = place(
    encoder,
    { name: measuredName(model, stem, io.own?.encoder), imageSize: set.imageSize },
    config,
    io,
  );
  encoder.eval();
  return {
    ...{ model, stem: stem as Stem, normalisation, compute },
    ...{ featureSize: encoder.featureSize, file: weights.file },
    stateDict: () => encoder.stateDict(),
    features: (images, phase, crops = 1) =>
      overImages(images, (x) => encoder.features(x), { normalisation, compute, crops, phase, io }),
    [Symbol.dispose]: () => encoder.dispose(),
  };
}

function normalisationFor({ mean, std }: FrozenConfig, weights: Weights, set: ImageSet): Normalisation {
  const known: Normalisation =
    weights.metadata.normalisation === undefined
      ? normalisationOf(set.train)
      : parseNormalisation(weights.metadata.normalisation, weights.file);
  return { mean: mean === 'auto' ? known.mean : mean, std: std === 'auto' ? known.std : std };
}

/** Indices of a part of the images as [N] int64. */
export const indexTensor = (indices: readonly number[]): Tensor => torch.tensor([...indices], { dtype: 'int64' });
