/**
 * @file An encoder whose classifier is attached to the first layer of the projection head instead of on h: SimCLRv2's way to
 * fine-tune with few labels. Source: Chen et al. 2020, arXiv 2006.10029, section 2. The head's layer has the keys `neck.*`.
 */
import type { Generator, Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Stem } from '../config/fields.js';
import type { Encoder } from './create-model.js';
import type { OwnEncoder } from './own-network.js';
import { createEncoder } from './own-network.js';

const { BatchNorm1d, Linear, Module, ReLU, Sequential } = torch.nn;

export class WithHeadLayer extends Module implements Encoder {
  readonly #encoder: Encoder;
  readonly #headLayer;
  readonly #fc;

  /**
   * @param encoder without a classifier
   * @param width outputs of the head's first layer
   */
  constructor(
    encoder: Encoder,
    { width, numClasses, generator }: { width: number; numClasses: number; generator: Generator },
  ) {
    super();
    this.#encoder = this.child('', encoder); // its keys stay as they are
    this.#headLayer = this.child(
      'neck', // the name in checkpoints
      new Sequential([
        new Linear(encoder.featureSize, width, { bias: false, generator }),
        new BatchNorm1d(width),
        new ReLU(),
      ]),
    );
    this.#fc = this.child('fc', new Linear(width, numClasses, { generator }));
  }

  get featureSize(): number {
    return this.#encoder.featureSize;
  }

  get stages(): number {
    return this.#encoder.stages;
  }

  stageOf(key: string): number {
    return this.#encoder.stageOf(key);
  }

  features(x: Tensor): Tensor {
    return this.#encoder.features(x);
  }

  segments(): ((x: Tensor) => Tensor)[] {
    return this.#encoder.segments();
  }

  forward(x: Tensor): Tensor {
    return this.#fc.forward(this.#headLayer.forward(this.features(x)));
  }
}

/** The first layer of a projection head, under the keys that it has in a network with a head layer. */
export function headLayerOf(head: Record<string, Tensor>): Record<string, Tensor> {
  const first = Object.entries(head).filter(([key]) => /^[01]\./.test(key));
  return Object.fromEntries(first.map(([key, tensor]) => [`neck.${key}`, tensor]));
}

export interface ClassifierShape {
  model: string;
  stem: Stem;
  numClasses: number;
  /** Side of the images, in pixels. */
  imageSize: number;
  /** Outputs of the projection head's first layer, for a classifier that is attached to it; null for one on h. */
  headLayerWidth: number | null;
}

/** A network with a classifier, on h or on the first layer of a projection head. */
export function createClassifier(
  { model, stem, numClasses, imageSize, headLayerWidth }: ClassifierShape,
  generator: Generator,
  own: OwnEncoder | undefined,
): Encoder {
  const options = { stem, imageSize, generator };
  if (headLayerWidth === null) return createEncoder(model, { ...options, numClasses }, own);
  const encoder = createEncoder(model, { ...options, numClasses: 0 }, own);
  return new WithHeadLayer(encoder, { width: headLayerWidth, numClasses, generator });
}
