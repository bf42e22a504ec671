/** @file Pooling, and the step from maps to vectors. Source: torch/nn/modules/pooling.py, flatten.py. */
import { ops } from '../dispatch/methods.js';
import type { Tensor } from '../tensor.js';
import { settings } from './describe.js';
import { type Layer, Module } from './module.js';
import type { Extent } from './options.js';

export interface PoolOptions {
  stride?: Extent;
  padding?: Extent;
  ceilMode?: boolean;
}

export interface MaxPoolOptions extends PoolOptions {
  dilation?: Extent;
}

export interface AvgPoolOptions extends PoolOptions {
  /** Whether the zeros of the padding count. */
  countIncludePad?: boolean;
}

function maxPool(dims: 1 | 2 | 3): new (kernelSize: Extent, options?: MaxPoolOptions) => Layer {
  const name = `maxPool${dims}d` as const;
  return class extends Module {
    constructor(
      readonly kernelSize: Extent,
      readonly options: MaxPoolOptions = {},
    ) {
      super();
    }

    forward(x: Tensor): Tensor {
      const { stride = this.kernelSize, padding = 0, dilation = 1, ceilMode = false } = this.options;
      return ops[name](x, this.kernelSize, stride, padding, dilation, ceilMode);
    }

    protected override extraRepr(): string {
      const { stride = this.kernelSize, padding = 0, dilation = 1, ceilMode = false } = this.options;
      return settings(
        ['kernel_size', this.kernelSize],
        ['stride', stride],
        ['padding', padding],
        ['dilation', dilation],
        ['ceil_mode', ceilMode],
      );
    }
  };
}

export class MaxPool1d extends maxPool(1) {}
export class MaxPool2d extends maxPool(2) {}
export class MaxPool3d extends maxPool(3) {}

function avgPool(dims: 1 | 2 | 3): new (kernelSize: Extent, options?: AvgPoolOptions) => Layer {
  const name = `avgPool${dims}d` as const;
  return class extends Module {
    constructor(
      readonly kernelSize: Extent,
      readonly options: AvgPoolOptions = {},
    ) {
      super();
    }

    forward(x: Tensor): Tensor {
      const { stride = this.kernelSize, padding = 0, ceilMode = false, countIncludePad = true } = this.options;
      return ops[name](x, this.kernelSize, stride, padding, ceilMode, countIncludePad);
    }

    protected override extraRepr(): string {
      const { stride = this.kernelSize, padding = 0 } = this.options;
      return settings(['kernel_size', this.kernelSize], ['stride', stride], ['padding', padding]);
    }
  };
}

export class AvgPool1d extends avgPool(1) {}
export class AvgPool2d extends avgPool(2) {}
export class AvgPool3d extends avgPool(3) {}

/** The size is that of the result, whatever the input has. */
function adaptiveAvgPool(dims: 1 | 2 | 3): new (size: Extent) => Layer {
  const name = `adaptiveAvgPool${dims}d` as const;
  return class extends Module {
    constructor(readonly size: Extent) {
      super();
    }

    forward(x: Tensor): Tensor {
      return ops[name](x, this.size);
    }

    protected override extraRepr(): string {
      return settings(['output_size', this.size]);
    }
  };
}

export class AdaptiveAvgPool1d extends adaptiveAvgPool(1) {}
/** [N, C, H, W] -> [N, C, size, size]. */
export class AdaptiveAvgPool2d extends adaptiveAvgPool(2) {}
export class AdaptiveAvgPool3d extends adaptiveAvgPool(3) {}

/** [N, C, H, W] -> [N, C, size, size]. */
export class AdaptiveMaxPool2d extends Module {
  constructor(readonly size: Extent) {
    super();
  }

  forward(x: Tensor): Tensor {
    return ops.adaptiveMaxPool2d(x, this.size)[0];
  }
}

/** [N, ...] -> [N, all the rest]. */
export class Flatten extends Module {
  constructor(
    readonly startDim = 1,
    readonly endDim = -1,
  ) {
    super();
  }

  forward(x: Tensor): Tensor {
    return x.flatten(this.startDim, this.endDim);
  }

  protected override extraRepr(): string {
    return settings(['start_dim', this.startDim], ['end_dim', this.endDim]);
  }
}
