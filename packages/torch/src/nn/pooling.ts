/** @file Pooling, and the step from maps to vectors. */
import type { Tensor } from '../tensor.js';
import { Module } from './module.js';

export class MaxPool2d extends Module {
  readonly #settings: { stride: number; padding: number };

  constructor(
    readonly kernelSize: number,
    { stride = kernelSize, padding = 0 }: { stride?: number; padding?: number } = {},
  ) {
    super();
    this.#settings = { stride, padding };
  }

  forward(x: Tensor): Tensor {
    return x.maxPool2d(this.kernelSize, this.#settings);
  }
}

/** [N, C, H, W] -> [N, C, size, size]. */
export class AdaptiveAvgPool2d extends Module {
  constructor(readonly size: number) {
    super();
  }

  forward(x: Tensor): Tensor {
    return x.adaptiveAvgPool2d(this.size);
  }
}

/** [N, ...] -> [N, all the rest]. */
export class Flatten extends Module {
  forward(x: Tensor): Tensor {
    return x.flatten(1);
  }
}
