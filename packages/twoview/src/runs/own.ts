/** @file What a caller of the library brings instead of a name: images, a network, a loss, views, an optimizer. */
import type { nn, optim, Tensor } from '@twoview/torch';
import type { ViewPipeline } from '../augment/pipeline.js';
import type { ImageSet } from '../data/image-set.js';
import { TwoviewError } from '../errors.js';
import type { Loss } from '../losses/loss.js';

/**
 * A network from images to representations: `forward([N, 3, S, S]) -> [N, d]`. What only some features need may be missing: `stages` and
 * `stageOf` (for --trainable last-stage and --layer-decay), `segments` (for --recompute).
 */
export interface OwnModule extends nn.Module {
  forward(images: Tensor): Tensor;
  readonly stages?: number;
  stageOf?(key: string): number;
  segments?(): ((x: Tensor) => Tensor)[];
}

export interface OwnEncoder {
  name: string;
  /** Changes where the network would compute something else with the same weights. */
  version: string;
  /** Called after the default generator was seeded. */
  create(): OwnModule;
  /** The caller's own object, which is trained in place and never freed; its first weights are no function of the seed. */
  isInstance: boolean;
}

export interface Own {
  images?: ImageSet;
  encoder?: OwnEncoder;
  loss?: Loss & { version: string };
  views?: ViewPipeline;
  head?: { version: string; create(featureSize: number): nn.Module };
  optimizer?: { version: string; create(groups: readonly optim.ParameterGroup[], lr: number): optim.Optimizer };
}

/** Before the name of an own network where settings hold the name of a network. */
const PREFIX = 'own:';
export const ownName = (name: string): string => PREFIX + name;
export const isOwnName = (model: string): boolean => model.startsWith(PREFIX);

/** What a run records of them, so that it is resumed with the same and has an identity. */
export const recordOf = ({ encoder, loss, views, head, optimizer }: Own): Record<string, string> => ({
  ...(encoder && { encoder: `${encoder.name} ${encoder.version}` }),
  ...(loss && { loss: `${loss.name} ${loss.version}` }),
  ...(views && { views: views.version }),
  ...(head && { head: head.version }),
  ...(optimizer && { optimizer: optimizer.version }),
});

/**
 * The settings of a job that is given these: named after them, with what tells them from others.
 *
 * @throws TwoviewError CONFIG_INVALID where settings are those of a run with own objects, and none are given
 */
export function withOwn<Config extends { own: Record<string, string> }>(config: Config, own: Own | undefined): Config {
  if (own === undefined) {
    const known = Object.keys(config.own);
    if (known.length === 0) return config;
    throw new TwoviewError('CONFIG_INVALID', {
      what: `these settings are of a run with a caller's own ${known.join(', ')}`,
      where: 'own',
      next: ['give the same objects to the function of the library: pretrain({ encoder, loss, views, ... })'],
    });
  }
  return {
    ...config,
    ...(own.images && { data: ownName(own.images.name) }),
    ...(own.encoder && 'model' in config && { model: ownName(own.encoder.name) }),
    ...(own.encoder && 'models' in config && { models: [ownName(own.encoder.name)] }),
    own: recordOf(own),
  };
}
