/** @file Batch normalisation. Source: torch.nn.BatchNorm1d and 2d, which differ in what they accept alone. */
import { noGrad } from '../autograd.js';
import { usesOwnKernels } from '../cuda.js';
import { ones, zeros } from '../dispatch/functions.js';
import { unsafeOp } from '../dispatch/invoke.js';
import { ops } from '../dispatch/methods.js';
import { guarded, native } from '../native.js';
import { scope } from '../scope.js';
import { Tensor } from '../tensor.js';
import { Module } from './module.js';

export interface BatchNormOptions {
  eps?: number;
  /** Share of the newest batch in the running statistics. */
  momentum?: number;
  /** False leaves out the affine parameters. */
  affine?: boolean;
}

/** In the order of native/kernels/fused_batch_norm.cc. */
const ACTIVATIONS = ['none', 'relu', 'silu'] as const;

export interface Then {
  /** Added to what is normalised, before the activation. */
  plus?: Tensor | null;
  activation?: (typeof ACTIVATIONS)[number];
}

/** [N, C, ...] normalised over all but C: by the batch in training, by the running statistics in evaluation. */
export class BatchNorm extends Module {
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
  readonly runningMean: Tensor;
  readonly runningVar: Tensor;
  readonly #numBatchesTracked: Tensor;
  /** Batches that are not yet counted there: an operator a norm and step is too much for a number that a checkpoint alone reads. */
  #uncounted = 0;
  /** False leaves the running statistics as they are, in training as well: for a forward pass that is computed again later. */
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
    this.#numBatchesTracked = this.buffer('num_batches_tracked', zeros([], { dtype: 'int64' }));
  }

  get numBatchesTracked(): Tensor {
    this.settleBuffers();
    return this.#numBatchesTracked;
  }

  protected override settleBuffers(): void {
    const more = this.#uncounted;
    this.#uncounted = 0;
    if (more > 0 && !this.#numBatchesTracked.disposed)
      scope(() => noGrad(() => void this.#numBatchesTracked.add_(more)));
  }

  /** @param then what follows, done in the same pass over memory where that is possible; `plus` is not changed */
  forward(x: Tensor, then: Then = {}): Tensor {
    if (this.training && this.tracking) this.#uncounted++;
    const group = this.training ? this.group : null;
    return (
      this.#fused(x, then, group) ?? compose(group === null ? this.#normalised(x) : this.#together(x, group), then)
    );
  }

  #normalised(x: Tensor): Tensor {
    const [mean, variance] = this.#running();
    return ops.batchNorm(x, this.weight, this.bias, mean, variance, this.training, this.#momentum, this.#eps, true);
  }

  /** Everything in one operator of native/, or null where it has none for such tensors. */
  #fused(x: Tensor, { plus = null, activation = 'none' }: Then, group: string | null): Tensor | null {
    if (usesOwnKernels() && group === null && x.device.startsWith('cuda')) return this.#onGpu(x, plus, activation);
    const [id, plusId, code] = [Tensor.idOf(x), plus === null ? 0 : Tensor.idOf(plus), ACTIVATIONS.indexOf(activation)];
    const settings = [this.#momentum, this.#eps, !this.training, group ?? ''] as const;
    return Tensor.fromId(
      guarded('batchNorm', () => native().batchNormThen(id, ...this.#numbers(), plusId, code, ...settings)),
    );
  }

  #onGpu(x: Tensor, plus: Tensor | null, activation: NonNullable<Then['activation']>): Tensor | null {
    const settings = [ACTIVATIONS.indexOf(activation), this.#momentum, this.#eps, !this.training] as const;
    const tensors = [this.weight, this.bias, ...this.#running(), plus] as const;
    if (this.weight === null) return null;
    return unsafeOp('twoview::batch_norm_then', x, ...tensors, ...settings) as Tensor | null;
  }

  #together(x: Tensor, group: string): Tensor {
    return Tensor.fromId(
      guarded('syncBatchNorm', () =>
        native().syncBatchNorm(Tensor.idOf(x), ...this.#numbers(), this.#momentum, this.#eps, group),
      ),
    )!;
  }

  /** The running statistics, where they are to be used or to follow. */
  #running(): [Tensor, Tensor] | [null, null] {
    return this.tracking || !this.training ? [this.runningMean, this.runningVar] : [null, null];
  }

  /** Weight, bias and running statistics, as the addon calls them. */
  #numbers(): [number, number, number, number] {
    const id = (tensor: Tensor | null) => (tensor === null ? 0 : Tensor.idOf(tensor));
    const [mean, variance] = this.#running();
    return [id(this.weight), id(this.bias), id(mean), id(variance)];
  }
}

/** The same one after the other; `y` is nobody else's. */
function compose(y: Tensor, { plus = null, activation = 'none' }: Then): Tensor {
  const sum = plus === null ? y : y.add_(plus);
  if (activation === 'relu') return sum.relu_();
  return activation === 'silu' ? sum.silu() : sum;
}

export class BatchNorm1d extends BatchNorm {}
export class BatchNorm2d extends BatchNorm {}
