/**
 * @file An encoder whose classifier stands on the first layer of the projection head instead of on h: SimCLRv2's way to
 * fine-tune with few labels. Source: Chen et al. 2020, arXiv 2006.10029, section 2. The head's layer has the keys `neck.*`.
 */
import type { Generator, Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Encoder } from './create-model.js';

const { BatchNorm1d, Linear, Module, ReLU, Sequential } = torch.nn;

export class WithNeck extends Module implements Encoder {
  readonly #encoder: Encoder;
  readonly #neck;
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
    this.#neck = this.child(
      'neck',
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

  forward(x: Tensor): Tensor {
    return this.#fc.forward(this.#neck.forward(this.features(x)));
  }

  /** Takes over the first layer of a projection head, by the head's own keys. */
  loadNeck(head: Record<string, Tensor>): void {
    const first = Object.entries(head).filter(([key]) => /^[01]\./.test(key));
    this.#neck.loadStateDict(Object.fromEntries(first));
  }
}
