/** @file A network of the caller's own as an encoder: under its own keys, with a classifier where one is asked for. */
import type { Generator, Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { TwoviewError } from '../errors.js';
import { createModel, type Encoder, type ModelOptions } from './create-model.js';
import { isClassifier } from './weights.js';

/**
 * A network from images to representations: `forward([N, 3, S, S]) -> [N, d]`. What only some features need may be missing: `stages` and
 * `stageOf` (for --trainable last-stage and --layer-decay), `segments` (for --recompute), `fitTo` (weights that are computed from images).
 */
export interface OwnModule extends torch.nn.Module {
  forward(images: Tensor): Tensor;
  readonly stages?: number;
  stageOf?(key: string): number;
  segments?(): ((x: Tensor) => Tensor)[];
  fitTo?(images: Tensor): void;
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

/** Before the name of an own network where settings hold the name of a network. */
const PREFIX = 'own:';
export const ownName = (name: string): string => PREFIX + name;
export const isOwnName = (model: string): boolean => model.startsWith(PREFIX);

/** An own network with what tells it from others of its name. */
export const toldApart = ({ name, version }: OwnEncoder): string => `${name} ${version}`;

/** What measurements of a network are kept under, see `measuredOnce`. */
export const measuredName = (model: string, stem: string, own: OwnEncoder | undefined): string =>
  `${model} ${own !== undefined && isOwnName(model) ? toldApart(own) : stem}`;

export interface NetworkOptions extends ModelOptions {
  /** Side of the images, in pixels. */
  imageSize: number;
}

/**
 * A network by its name, or the caller's own.
 *
 * @throws TwoviewError MODEL_UNKNOWN where the name is one of a caller's own that is not at hand; CONFIG_INVALID
 */
export function createEncoder(model: string, options: NetworkOptions, own: OwnEncoder | undefined): Encoder {
  if (!isOwnName(model)) return createModel(model, options);
  if (own !== undefined && ownName(own.name) === model) return new OwnNetwork(own, options);
  throw new TwoviewError('MODEL_UNKNOWN', {
    what: `${model} is a network of somebody's own, and ${own === undefined ? 'none was given' : `${own.name} was given`}`,
    where: model,
    next: [
      "give it to the library: finetune({ encoder: () => new MyNetwork(), init: 'RUN', ... }), knn, probe, embed alike",
    ],
  });
}

class OwnNetwork extends torch.nn.Module implements Encoder {
  readonly featureSize: number;
  readonly name: string;
  readonly #module: OwnModule;
  readonly #fc: torch.nn.Linear | null;
  readonly #isInstance: boolean;

  constructor({ create, name, isInstance }: OwnEncoder, { numClasses, imageSize, generator }: NetworkOptions) {
    super();
    this.name = name;
    if (generator !== undefined) torch.manualSeed(seedFrom(generator));
    this.#isInstance = isInstance;
    this.#module = this.child('', create()); // its keys stay as they are
    try {
      const taken = [...this.#module.namedParameters()].map(([key]) => key).find(isClassifier);
      if (taken !== undefined)
        throw notSuited(name, `its part ${taken} has the name of a classifier`, [
          'an encoder ends with representations: leave its classifier out, or call this part otherwise',
        ]);
      this.featureSize = measure(this.#module, name, imageSize);
    } catch (error) {
      if (!isInstance) this.#module.dispose();
      throw error;
    }
    const linear = () => new torch.nn.Linear(this.featureSize, numClasses, { generator });
    this.#fc = numClasses === 0 ? null : this.child('fc', linear());
  }

  has(part: 'stages' | 'segments'): boolean {
    return this.#module[part] !== undefined;
  }

  get stages(): number {
    return this.#module.stages ?? 1;
  }

  stageOf(key: string): number {
    return this.#module.stageOf?.(key) ?? 0;
  }

  fitTo(images: Tensor): void {
    this.#module.fitTo?.(images);
  }

  features(x: Tensor): Tensor {
    return this.#module.forward(x);
  }

  segments(): ((x: Tensor) => Tensor)[] {
    return this.#module.segments?.() ?? [(x) => this.features(x)];
  }

  forward(x: Tensor): Tensor {
    const h = this.features(x);
    return this.#fc === null ? h : this.#fc.forward(h);
  }

  override dispose(): void {
    if (this.#isInstance) this.#fc?.dispose();
    else super.dispose();
  }
}

/** A number of this generator: own networks draw from the default one. */
const seedFrom = (generator: Generator): number =>
  torch.scope(() => torch.ops.randint(2 ** 31, [1], { generator }).item<number>());

/** @returns d, by two empty images */
function measure(module: OwnModule, name: string, size: number): number {
  const wasTraining = module.training;
  module.eval();
  try {
    return torch.scope(() =>
      torch.noGrad(() => {
        const device = module.parameters()[0]?.device ?? 'cpu';
        const h = module.forward(torch.zeros([2, 3, size, size], { device }));
        if (h instanceof torch.Tensor && h.ndim === 2 && h.shape[0] === 2) return h.shape[1]!;
        const got = h instanceof torch.Tensor ? `[${h.shape.join(', ')}]` : typeof h;
        throw notSuited(name, `it makes ${got} of images of [2, 3, ${size}, ${size}]`, [
          'forward(images) must return [N, d], one representation for each image',
        ]);
      }),
    );
  } finally {
    module.train(wasTraining);
  }
}

const notSuited = (name: string, why: string, next: string[]): TwoviewError =>
  new TwoviewError('CONFIG_INVALID', {
    what: `this network cannot be an encoder: ${why}`,
    where: `encoder ${name}`,
    next,
  });

/** What a setting needs that an own network may lack. @throws TwoviewError CONFIG_INVALID */
export function requirePart(encoder: Encoder, part: 'stages' | 'segments', setting: string): void {
  if (!(encoder instanceof OwnNetwork) || encoder.has(part)) return;
  const needed = { stages: 'stages and stageOf(key)', segments: 'segments()' }[part];
  throw notSuited(encoder.name, `${setting} needs ${needed}, which it does not have`, [
    `leave ${setting} out`,
    `or give the network ${needed}`,
  ]);
}
