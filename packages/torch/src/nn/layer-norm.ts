/** @file Normalisation of each example by itself. Source: torch/nn/modules/normalization.py, instancenorm.py. */
import { ones, zeros } from '../dispatch/functions.js';
import { ops } from '../dispatch/methods.js';
import type { Tensor } from '../tensor.js';
import { settings } from './describe.js';
import { Module } from './module.js';

export interface LayerNormOptions {
  eps?: number;
  /** False leaves out the learned scale and shift. */
  elementwiseAffine?: boolean;
  bias?: boolean;
}

/** Over the last dimensions, whose sizes are given. */
export class LayerNorm extends Module {
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
  readonly normalizedShape: readonly number[];
  readonly eps: number;

  constructor(
    shape: number | readonly number[],
    { eps = 1e-5, elementwiseAffine = true, bias = true }: LayerNormOptions = {},
  ) {
    super();
    this.normalizedShape = typeof shape === 'number' ? [shape] : shape;
    this.eps = eps;
    this.weight = elementwiseAffine ? this.parameter('weight', ones(this.normalizedShape)) : null;
    this.bias = elementwiseAffine && bias ? this.parameter('bias', zeros(this.normalizedShape)) : null;
  }

  forward(x: Tensor): Tensor {
    return ops.layerNorm(x, this.normalizedShape, this.weight, this.bias, this.eps);
  }

  protected override extraRepr(): string {
    return settings(inBrackets(this.normalizedShape), ['eps', this.eps], ['elementwise_affine', this.weight !== null]);
  }
}

/** By the root of the mean square alone: Zhang and Sennrich 2019, arXiv 1910.07467. */
export class RMSNorm extends Module {
  readonly weight: Tensor | null;
  readonly normalizedShape: readonly number[];
  /** null stands for the smallest step of the dtype. */
  readonly eps: number | null;

  constructor(
    shape: number | readonly number[],
    { eps = null, elementwiseAffine = true }: { eps?: number | null; elementwiseAffine?: boolean } = {},
  ) {
    super();
    this.normalizedShape = typeof shape === 'number' ? [shape] : shape;
    this.eps = eps;
    this.weight = elementwiseAffine ? this.parameter('weight', ones(this.normalizedShape)) : null;
  }

  forward(x: Tensor): Tensor {
    return ops.rmsNorm(x, this.normalizedShape, this.weight, this.eps);
  }

  protected override extraRepr(): string {
    return settings(inBrackets(this.normalizedShape), ['eps', this.eps], ['elementwise_affine', this.weight !== null]);
  }
}

/** Of [N, C, ...], over groups of channels. */
export class GroupNorm extends Module {
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
  readonly eps: number;

  constructor(
    readonly numGroups: number,
    readonly numChannels: number,
    { eps = 1e-5, affine = true }: { eps?: number; affine?: boolean } = {},
  ) {
    super();
    this.eps = eps;
    this.weight = affine ? this.parameter('weight', ones([numChannels])) : null;
    this.bias = affine ? this.parameter('bias', zeros([numChannels])) : null;
  }

  forward(x: Tensor): Tensor {
    return ops.groupNorm(x, this.numGroups, this.weight, this.bias, this.eps);
  }

  protected override extraRepr(): string {
    return settings(`${this.numGroups}, ${this.numChannels}`, ['eps', this.eps], ['affine', this.weight !== null]);
  }
}

/** Of [N, C, ...], over the positions of each channel of each image. */
export class InstanceNorm2d extends Module {
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
  readonly eps: number;

  constructor(
    readonly numFeatures: number,
    { eps = 1e-5, affine = false }: { eps?: number; affine?: boolean } = {},
  ) {
    super();
    this.eps = eps;
    this.weight = affine ? this.parameter('weight', ones([numFeatures])) : null;
    this.bias = affine ? this.parameter('bias', zeros([numFeatures])) : null;
  }

  forward(x: Tensor): Tensor {
    return ops.instanceNorm(x, this.weight, this.bias, null, null, true, 0.1, this.eps, false);
  }
}

const inBrackets = (shape: readonly number[]): string => `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
