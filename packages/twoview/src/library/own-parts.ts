/** @file From what a caller passes (an object, a function) to what jobs work with: named, with what tells it from others. */
import { load, type nn, type optim, type Tensor } from '@twoview/torch';
import type { ViewPipeline } from '../augment/pipeline.js';
import type { ImageSet } from '../data/image-set.js';
import { TwoviewError } from '../errors.js';
import type { Loss } from '../losses/loss.js';
import type { OwnEncoder, OwnModule } from '../models/own-network.js';
import type { Own } from '../own/own.js';
import { shortHash } from '../runs/short-hash.js';

/** A network that is trained in place, or a function that makes one, which every job calls anew. */
export type EncoderLike = OwnModule | (() => OwnModule);
/** `(zA, zB) => loss`, both [N, d]; one of three parameters is also given labels [N], -1 where the class is not known. */
export type LossLike =
  | ((zA: Tensor, zB: Tensor) => Tensor)
  | ((zA: Tensor, zB: Tensor, labels: Tensor) => Tensor)
  | Loss;
export type HeadLike = (featureSize: number) => nn.Module;
/** Its learning rate is set before every step, by the schedule. */
export type OptimizerLike = (groups: readonly optim.ParameterGroup[], lr: number) => optim.Optimizer;

export interface Instances {
  data?: string | ImageSet;
  encoder?: string | EncoderLike;
  loss?: string | LossLike;
  views?: ViewPipeline;
  head?: HeadLike;
  optimizer?: string | OptimizerLike;
  /** Say another one where own objects come to compute something else that their text does not show. */
  version?: string;
}

/** @throws TwoviewError CONFIG_INVALID where an object is none that can be used */
export async function ownParts({
  data,
  encoder,
  loss,
  views,
  head,
  optimizer,
  version = '',
}: Instances): Promise<Own | undefined> {
  if (typeof encoder === 'function') await load(); // it is called once here, to know its name
  const own: Own = {
    ...(typeof data === 'object' && { images: requireSet(data) }),
    ...(encoder !== undefined && typeof encoder !== 'string' && { encoder: encoderOf(encoder, version) }),
    ...(loss !== undefined && typeof loss !== 'string' && { loss: lossOf(loss, version) }),
    ...(views && { views: requirePipeline(views) }),
    ...(head && { head: { version: digest(head, version), create: head } }),
    ...(typeof optimizer === 'function' && { optimizer: { version: digest(optimizer, version), create: optimizer } }),
  };
  return Object.keys(own).length === 0 ? undefined : own;
}

const digest = (...of: unknown[]): string => shortHash(of.map(String).join('\n'));

function encoderOf(given: EncoderLike, version: string): OwnEncoder {
  const isInstance = typeof given !== 'function';
  const example = isInstance ? given : given();
  if (typeof example?.namedParameters !== 'function' || typeof example.forward !== 'function')
    throw unusable(
      'encoder',
      'it is no nn.Module with forward(images)',
      'pass new MyNetwork(), or () => new MyNetwork()',
    );
  const made: OwnEncoder = {
    name: example.constructor.name,
    version: digest(example.constructor, example, isInstance ? '' : given, version),
    create: isInstance ? () => given : given,
    isInstance,
  };
  if (!isInstance) example.dispose();
  return made;
}

function lossOf(given: LossLike, version: string): Own['loss'] {
  if (typeof given !== 'function') return { ...given, version: digest(given.of, given.rows, given.name, version) };
  const asksForLabels = given.length >= 3;
  const call = given as (zA: Tensor, zB: Tensor, labels?: Tensor) => Tensor;
  const name = given.name || 'own loss';
  return {
    ...{
      name,
      title: name,
      about: 'a loss of its own',
      temperature: null,
      asksForLabels,
      version: digest(given, version),
    },
    of: (zA, zB, labels) => (asksForLabels ? call(zA, zB, labels!) : call(zA, zB)),
    collapsed: () => null,
  };
}

function requirePipeline(views: ViewPipeline): ViewPipeline {
  if (typeof views?.draw === 'function') return views;
  throw unusable('views', 'it is no pipeline', 'views: views.compose(views.randomResizedCrop(), views.flip(), ...)');
}

function requireSet(data: ImageSet): ImageSet {
  if (data?.train?.images !== undefined && typeof data.hash === 'string') return data;
  throw unusable(
    'data',
    'it is no set of images',
    "data: await openImages('FOLDER'), or imageSet({ train: { images, labels } })",
  );
}

const unusable = (where: string, what: string, next: string): TwoviewError =>
  new TwoviewError('CONFIG_INVALID', { what: `${where} cannot be used: ${what}`, where, next: [next] });
