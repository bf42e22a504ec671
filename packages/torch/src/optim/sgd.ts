/** @file Stochastic gradient descent on libtorch's fused kernel. Source: torch.optim.SGD with dampening 0. */
import { ops } from '../dispatch/methods.js';
import { Optimizer, type Slice } from './optimizer.js';
import type { Parameters } from './parameters.js';

export interface SGDOptions {
  lr?: number;
  weightDecay?: number;
  momentum?: number;
  nesterov?: boolean;
}

export class SGD extends Optimizer {
  readonly #momentum: number;
  readonly #nesterov: boolean;

  constructor(parameters: Parameters, { lr = 1e-3, weightDecay = 0, momentum = 0, nesterov = false }: SGDOptions = {}) {
    super(parameters, lr, weightDecay);
    this.#momentum = momentum;
    this.#nesterov = nesterov;
  }

  protected override update(slice: Slice): void {
    const { parameters, gradients, group, lr } = slice;
    // Zeros give what PyTorch's first step does: the buffer becomes the gradient.
    const buffers = this.#momentum === 0 ? [] : this.state('momentum_buffer', slice, (p) => p.detach().zerosLike());
    ops._fusedSgd_(parameters, gradients, buffers, {
      weightDecay: group.weightDecay ?? 0,
      momentum: this.#momentum,
      lr,
      dampening: 0,
      nesterov: this.#nesterov,
      maximize: false,
      isFirstStep: false,
    });
  }
}
