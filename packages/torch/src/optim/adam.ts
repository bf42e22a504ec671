/** @file Adam and AdamW on libtorch's fused kernels. Source: torch.optim.Adam, AdamW. */
import { zeros } from '../dispatch/functions.js';
import { ops } from '../dispatch/methods.js';
import { Optimizer, type Slice } from './optimizer.js';
import type { Parameters } from './parameters.js';

export interface AdamOptions {
  lr?: number;
  /** 0 for Adam, 0.01 for AdamW, unless said otherwise here or in a group. */
  weightDecay?: number;
  betas?: readonly [number, number];
  eps?: number;
}

/** Weight decay is added to the gradient. */
export class Adam extends Optimizer {
  readonly #betas: readonly [number, number];
  readonly #eps: number;

  constructor(
    parameters: Parameters,
    { lr = 1e-3, weightDecay = 0, betas = [0.9, 0.999], eps = 1e-8 }: AdamOptions = {},
  ) {
    super(parameters, lr, weightDecay);
    this.#betas = betas;
    this.#eps = eps;
  }

  protected get kernel(): typeof ops._fusedAdam_ {
    return ops._fusedAdam_;
  }

  protected override update(slice: Slice): void {
    const { parameters, gradients, group, lr } = slice;
    const mean = this.state('exp_avg', slice, (p) => p.detach().zerosLike());
    const square = this.state('exp_avg_sq', slice, (p) => p.detach().zerosLike());
    const steps = this.state('step', slice, (p) => zeros([], { device: p.device }));
    ops._foreachAdd_(steps, 1);
    this.kernel(parameters, gradients, mean, square, [], steps, {
      lr,
      beta1: this.#betas[0],
      beta2: this.#betas[1],
      weightDecay: group.weightDecay ?? 0,
      eps: this.#eps,
      amsgrad: false,
      maximize: false,
    });
  }
}

/** Weight decay shrinks the weight itself: Loshchilov and Hutter 2017, arXiv 1711.05101. */
export class AdamW extends Adam {
  constructor(parameters: Parameters, options: AdamOptions = {}) {
    super(parameters, { weightDecay: 0.01, ...options });
  }

  protected override get kernel(): typeof ops._fusedAdam_ {
    return ops._fusedAdamw_;
  }
}
