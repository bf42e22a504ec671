/**
 * @file LARS: each weight's step is scaled by ||w|| / ||gradient||, so that large batches keep all layers moving.
 * Source: You et al. 2017, arXiv 1708.03888, as in google-research/simclr lars_optimizer.py: the scaled learning rate stands
 * inside the momentum, and groups with adapt = false (norms, biases) move plainly.
 */
import { ops } from '../dispatch/methods.js';
import type { Tensor } from '../tensor.js';
import { Optimizer, type Slice } from './optimizer.js';
import type { Parameters } from './parameters.js';

export interface LARSOptions {
  lr: number;
  momentum?: number;
  /** The trust coefficient. */
  eta?: number;
}

export class LARS extends Optimizer {
  readonly #momentum: number;
  readonly #eta: number;

  constructor(parameters: Parameters, { lr, momentum = 0.9, eta = 0.001 }: LARSOptions) {
    super(parameters, lr);
    this.#momentum = momentum;
    this.#eta = eta;
  }

  protected override update(slice: Slice): void {
    const { parameters, gradients, group, lr } = slice;
    const steps = ops._foreachAdd(gradients, parameters, { alpha: group.weightDecay ?? 0 });
    if (group.adapt ?? true) ops._foreachMul_(steps, this.#trust(parameters, steps));
    ops._foreachMul_(steps, lr);
    const velocity = this.state('momentum_buffer', slice, (p) => p.detach().zerosLike());
    ops._foreachMul_(velocity, this.#momentum);
    ops._foreachAdd_(velocity, steps);
    ops._foreachSub_(parameters, velocity);
  }

  /** eta ||w|| / ||g||, and 1 where either is zero; g holds the decay already. */
  #trust(parameters: Tensor[], gradients: Tensor[]): Tensor[] {
    const weight = ops.stack(ops._foreachNorm(parameters));
    const gradient = ops.stack(ops._foreachNorm(gradients));
    const both = weight.gt(0).logicalAnd(gradient.gt(0));
    const ratio = weight.div(gradient).mul(this.#eta);
    return ops.unbind(ops.where(both, ratio, ratio.onesLike()));
  }
}
