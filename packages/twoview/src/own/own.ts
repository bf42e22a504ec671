/** @file What a caller of the library brings instead of a name: images, a network, a loss, views, an optimizer. */
import type { nn, optim } from '@twoview/torch';
import type { ViewPipeline } from '../augment/pipeline.js';
import type { ImageSet } from '../data/image-set.js';
import { TwoviewError } from '../errors.js';
import type { Loss } from '../losses/loss.js';
import { type OwnEncoder, ownName, toldApart } from '../models/own-network.js';
import type { JobIo } from '../runs/events.js';

export interface Own {
  images?: ImageSet;
  encoder?: OwnEncoder;
  loss?: Loss & { version: string };
  views?: ViewPipeline;
  head?: { version: string; create(featureSize: number): nn.Module };
  optimizer?: { version: string; create(groups: readonly optim.ParameterGroup[], lr: number): optim.Optimizer };
}

/** What a job is given besides its settings. */
export interface OwnIo extends JobIo {
  own?: Own;
}

/** What a run records of them, so that it is resumed with the same and has an identity. */
export const recordOf = ({ encoder, loss, views, head, optimizer }: Own): Record<string, string> => ({
  ...(encoder && { encoder: toldApart(encoder) }),
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
