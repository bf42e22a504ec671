/** @file Batch normalisation. Source: torch.nn.BatchNorm1d and 2d, which differ in what they accept alone. */
import { ones, zeros } from '../functions.js';
import { ops } from '../methods.js';
import { guarded, native } from '../native.js';
import { Tensor } from '../tensor.js';
import { Module } from './module.js';

export interface BatchNormOptions {
  eps?: number;
  /** Share of the newest batch in the running statistics. */
  momentum?: number;
  /** False leaves out the learnt scale and shift. */
  affine?: boolean;
}

/** [N, C, ...] normalised over all but C: by the batch in training, by the running statistics in evaluation. */
export class BatchNorm extends Module {
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
  readonly runningMean: Tensor;
  readonly runningVar: Tensor;
  readonly numBatchesTracked: Tensor;
  /** False leaves the running statistics as they are, in training as well: for a pass that is only a rehearsal. */
  tracking = true;
  /** Name of the processes whose batches are normalised as one; null for this process alone. */
  group: string | null = null;
  readonly #eps: number;
  readonly #momentum: number;

  constructor(channels: number, { eps = 1e-5, momentum = 0.1, affine = true }: BatchNormOptions = {}) {
    super();
    this.#eps = eps;
    this.#momentum = momentum;
    this.weight = affine ? this.parameter('weight', ones([channels])) : null;
    this.bias = affine ? this.parameter('bias', zeros([channels])) : null;
    this.runningMean = this.buffer('running_mean', zeros([channels]));
    this.runningVar = this.buffer('running_var', ones([channels]));
    this.numBatchesTracked = this.buffer('num_batches_tracked', zeros([], { dtype: 'int64' }));
  }

  forward(x: Tensor): Tensor {
    if (this.training && this.tracking) this.numBatchesTracked.add_(1);
    const known = this.tracking || !this.training;
    if (this.training && this.group !== null) return this.#together(x, this.group);
    return ops.batchNorm(
      x,
      this.weight,
      this.bias,
      known ? this.runningMean : null,
      known ? this.runningVar : null,
      this.training,
      this.#momentum,
      this.#eps,
      true,
    );
  }

  #together(x: Tensor, group: string): Tensor {
    const id = (tensor: Tensor | null) => (tensor === null ? 0 : Tensor.idOf(tensor));
    const [mean, variance] = this.tracking ? [this.runningMean, this.runningVar] : [null, null];
    const numbers = [this.weight, this.bias, mean, variance].map(id) as [number, number, number, number];
    return Tensor.fromId(
      guarded('syncBatchNorm', () =>
        native().syncBatchNorm(Tensor.idOf(x), ...numbers, this.#momentum, this.#eps, group),
      ),
    )!;
  }
}

export class BatchNorm1d extends BatchNorm {}
export class BatchNorm2d extends BatchNorm {}
