/** @file Networks by name. To add one: a file that builds it, a line here, a row in the test. */

import type * as torch from '@twoview/torch';
import type { Generator, Tensor } from '@twoview/torch';
import { closest } from '../config/closest.js';
import type { Stem } from '../config/fields.js';
import { TwoviewError } from '../errors.js';
import { Airbench } from './airbench.js';
import { ResNet } from './resnet.js';
import { RexNet } from './rexnet.js';

/** What every network offers. */
export interface Encoder extends torch.nn.Module {
  /** Length d of a representation. */
  readonly featureSize: number;
  /** Stages that the layers are in, from 0: the first layers, ... */
  readonly stages: number;
  /** The stage of a parameter or a part, by its key. */
  stageOf(key: string): number;
  features(x: Tensor): Tensor;
  /** Before a training from scratch: what of its first weights is computed from images. @param images [N, 3, S, S] float32, normalised */
  fitTo?(images: Tensor): void;
  /** What `features` does, one after the other. */
  segments(): ((x: Tensor) => Tensor)[];
}

export interface ModelOptions {
  /** Outputs of the classifier; 0 leaves it out. */
  numClasses: number;
  stem?: Stem;
  generator?: Generator | undefined;
}

const MODELS = {
  airbench: (o) => new Airbench(o),
  airbench_wide: (o) => new Airbench({ ...o, widths: [128, 384, 384, 768] }),
  resnet10_narrow: (o) => new ResNet('basic', [1, 1, 1, 1], { ...o, width: 16 }),
  resnet18: (o) => new ResNet('basic', [2, 2, 2, 2], o),
  resnet34: (o) => new ResNet('basic', [3, 4, 6, 3], o),
  resnet50: (o) => new ResNet('bottleneck', [3, 4, 6, 3], o),
  resnet101: (o) => new ResNet('bottleneck', [3, 4, 23, 3], o),
  rexnet_100: (o) => new RexNet(1, o),
  rexnet_130: (o) => new RexNet(1.3, o),
  rexnet_150: (o) => new RexNet(1.5, o),
  rexnet_200: (o) => new RexNet(2, o),
  rexnet_300: (o) => new RexNet(3, o),
} satisfies Record<
  string,
  (options: Required<Omit<ModelOptions, 'generator'>> & Pick<ModelOptions, 'generator'>) => Encoder
>;

export type ModelName = keyof typeof MODELS;
export const MODEL_NAMES = Object.keys(MODELS) as ModelName[];

/** @throws TwoviewError MODEL_UNKNOWN */
export function createModel(name: string, { numClasses, stem = 'cifar', generator }: ModelOptions): Encoder {
  if (!Object.hasOwn(MODELS, name)) {
    const near = closest(name, MODEL_NAMES);
    throw new TwoviewError('MODEL_UNKNOWN', {
      what: `no network is called ${name}${near === null ? '' : `; did you mean ${near}?`}`,
      where: `--model ${name}`,
      next: [`choose one of ${MODEL_NAMES.join(', ')}`],
    });
  }
  return MODELS[name as ModelName]({ numClasses, stem, generator });
}
