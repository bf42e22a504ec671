/** @file Two-dimensional convolution. Source: torch.nn.Conv2d; only zero padding. */
import { empty } from '../functions.js';
import type { Generator } from '../random.js';
import type { Tensor } from '../tensor.js';
import { defaultUniform, fans } from './init.js';
import { Module } from './module.js';

export interface Conv2dOptions {
  stride?: number;
  padding?: number;
  dilation?: number;
  groups?: number;
  bias?: boolean;
  generator?: Generator | undefined;
}

/** [N, in, H, W] -> [N, out, H', W']. */
export class Conv2d extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor | null;
  readonly #settings: { stride: number; padding: number; dilation: number; groups: number };

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true, generator }: Conv2dOptions = {},
  ) {
    super();
    this.#settings = { stride, padding, dilation, groups };
    const weight = empty([outChannels, inChannels / groups, kernelSize, kernelSize]);
    const fanIn = fans(weight).in;
    this.weight = this.parameter('weight', defaultUniform(weight, fanIn, { generator }));
    this.bias = bias ? this.parameter('bias', defaultUniform(empty([outChannels]), fanIn, { generator })) : null;
  }

  forward(x: Tensor): Tensor {
    const { stride, padding, dilation, groups } = this.#settings;
    return x.conv2d(this.weight, this.bias, stride, padding, dilation, groups);
  }
}
