/** @file A table of vectors, looked up by integers. Source: torch.nn.Embedding. */
import { noGrad } from '../autograd.js';
import { empty } from '../dispatch/functions.js';
import { ops } from '../dispatch/methods.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { settings } from './describe.js';
import { normal } from './init.js';
import { Module } from './module.js';
import type { InitOptions } from './options.js';

export interface EmbeddingOptions extends InitOptions {
  /** This row begins as zeros and gets no gradient. */
  paddingIdx?: number;
}

/** Integers [...] -> [..., dim]. */
export class Embedding extends Module {
  readonly weight: Tensor;
  readonly #padding: number;

  constructor(
    readonly numEmbeddings: number,
    readonly embeddingDim: number,
    { paddingIdx, generator }: EmbeddingOptions = {},
  ) {
    super();
    // libtorch's own mark for none is -1, which is the last row here.
    this.#padding = paddingIdx === undefined ? -1 : paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
    this.weight = this.parameter('weight', normal(empty([numEmbeddings, embeddingDim]), 0, 1, { generator }));
    if (this.#padding >= 0) scope(() => noGrad(() => void this.weight.select(0, this.#padding).zero_()));
  }

  forward(indices: Tensor): Tensor {
    return ops.embedding(this.weight, indices, this.#padding);
  }

  protected override extraRepr(): string {
    const padding = this.#padding >= 0 ? (['padding_idx', this.#padding] as const) : null;
    return settings(`${this.numEmbeddings}, ${this.embeddingDim}`, padding);
  }
}
