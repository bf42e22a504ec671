/** @file Layers that act on each element, or along one dimension. Source: torch/nn/modules/activation.py, with its defaults. */

import { full } from '../creation.js';
import { ops } from '../dispatch/methods.js';
import type { Tensor } from '../tensor.js';
import { settings } from './describe.js';
import { type Layer, Module } from './module.js';

/** A layer without settings. */
function plain(apply: (x: Tensor) => Tensor): new () => Layer {
  return class extends Module {
    forward(x: Tensor): Tensor {
      return apply(x);
    }
  };
}

export class Identity extends plain((x) => x) {}
/** max(x, 0). */
export class ReLU extends plain((x) => x.relu()) {}
export class ReLU6 extends plain((x) => x.hardtanh(0, 6)) {}
export class SiLU extends plain((x) => x.silu()) {}
export class Sigmoid extends plain((x) => x.sigmoid()) {}
export class Tanh extends plain((x) => x.tanh()) {}
export class Hardswish extends plain((x) => x.hardswish()) {}
export class Hardsigmoid extends plain((x) => x.hardsigmoid()) {}
export class Mish extends plain((x) => x.mish()) {}
export class SELU extends plain((x) => x.selu()) {}
export class LogSigmoid extends plain((x) => x.logSigmoid()) {}
export class Softsign extends plain((x) => x.div(x.abs().add(1))) {}

/** x times the normal distribution's share below x; 'tanh' is the approximation that GPT-2 has. */
export class GELU extends Module {
  constructor(readonly options: { approximate?: 'none' | 'tanh' } = {}) {
    super();
  }

  forward(x: Tensor): Tensor {
    return x.gelu({ approximate: this.options.approximate ?? 'none' });
  }

  protected override extraRepr(): string {
    return settings(['approximate', this.options.approximate ?? 'none']);
  }
}

export class LeakyReLU extends Module {
  constructor(readonly negativeSlope = 0.01) {
    super();
  }

  forward(x: Tensor): Tensor {
    return x.leakyRelu(this.negativeSlope);
  }

  protected override extraRepr(): string {
    return settings(['negative_slope', this.negativeSlope]);
  }
}

export class ELU extends Module {
  constructor(readonly alpha = 1) {
    super();
  }

  forward(x: Tensor): Tensor {
    return x.elu(this.alpha);
  }

  protected override extraRepr(): string {
    return settings(['alpha', this.alpha]);
  }
}

export class Softplus extends Module {
  constructor(readonly options: { beta?: number; threshold?: number } = {}) {
    super();
  }

  forward(x: Tensor): Tensor {
    return x.softplus(this.options.beta ?? 1, this.options.threshold ?? 20);
  }
}

/** max(x, 0) + weight * min(x, 0), with one weight or one for each channel. */
export class PReLU extends Module {
  readonly weight: Tensor;

  constructor({ numParameters = 1, init = 0.25 }: { numParameters?: number; init?: number } = {}) {
    super();
    this.weight = this.parameter('weight', full([numParameters], init));
  }

  forward(x: Tensor): Tensor {
    return ops.prelu(x, this.weight);
  }
}

export class Softmax extends Module {
  constructor(readonly dim: number) {
    super();
  }

  forward(x: Tensor): Tensor {
    return x.softmax(this.dim);
  }

  protected override extraRepr(): string {
    return settings(['dim', this.dim]);
  }
}

export class LogSoftmax extends Softmax {
  override forward(x: Tensor): Tensor {
    return x.logSoftmax(this.dim);
  }
}

/** The first half of a dimension times the sigmoid of the second. */
export class GLU extends Module {
  constructor(readonly dim = -1) {
    super();
  }

  forward(x: Tensor): Tensor {
    return x.glu(this.dim);
  }
}

/** Zeroes each element with probability p in training and scales the rest by 1 / (1 - p); draws from the default generator. */
export class Dropout extends Module {
  constructor(readonly p = 0.5) {
    super();
  }

  forward(x: Tensor): Tensor {
    return x.dropout(this.p, this.training);
  }

  protected override extraRepr(): string {
    return settings(['p', this.p], ['inplace', false]);
  }
}

/** Zeroes whole channels. */
export class Dropout2d extends Dropout {
  override forward(x: Tensor): Tensor {
    return x.featureDropout(this.p, this.training);
  }
}
