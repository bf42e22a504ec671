/** @file Convolutions of one and three dimensions, and transposed ones. Source: torch/nn/modules/conv.py; only zero padding. */
import { empty } from '../dispatch/functions.js';
import { ops } from '../dispatch/methods.js';
import type { Tensor } from '../tensor.js';
import { settings } from './describe.js';
import { defaultUniform } from './init.js';
import { Module } from './module.js';
import { type Extent, extents, type InitOptions } from './options.js';

export interface ConvOptions extends InitOptions {
  stride?: Extent;
  padding?: Extent | 'same' | 'valid';
  dilation?: Extent;
  groups?: number;
  bias?: boolean;
}

export interface ConvTransposeOptions extends InitOptions {
  stride?: Extent;
  padding?: Extent;
  outputPadding?: Extent;
  dilation?: Extent;
  groups?: number;
  bias?: boolean;
}

/** What all have: a weight [a, b / groups, ...kernel], a bias, and PyTorch's distribution of both. */
abstract class AnyConv extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor | null;
  readonly kernelSize: readonly number[];

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: Extent,
    dims: number,
    transposed: boolean,
    readonly options: ConvOptions & ConvTransposeOptions,
  ) {
    super();
    const { groups = 1, bias = true, generator } = options;
    this.kernelSize = extents(kernelSize, dims);
    const [first, second] = transposed ? [inChannels, outChannels] : [outChannels, inChannels];
    const weight = empty([first, second / groups, ...this.kernelSize]);
    const fanIn = (second / groups) * this.kernelSize.reduce((a, b) => a * b, 1);
    this.weight = this.parameter('weight', defaultUniform(weight, fanIn, { generator }));
    this.bias = bias ? this.parameter('bias', defaultUniform(empty([outChannels]), fanIn, { generator })) : null;
  }

  protected override extraRepr(): string {
    return describeConv(this, this.kernelSize.length, this.options as ConvOptions);
  }
}

export function describeConv(
  { inChannels, outChannels, kernelSize }: { inChannels: number; outChannels: number; kernelSize: Extent },
  dims: number,
  {
    stride = 1,
    padding = 0,
    outputPadding = 0,
    dilation = 1,
    groups = 1,
    bias = true,
  }: ConvOptions & Pick<ConvTransposeOptions, 'outputPadding'>,
): string {
  const zeros = typeof padding !== 'string' && extents(padding, dims).every((one) => one === 0);
  const ones = extents(dilation, dims).every((one) => one === 1);
  return settings(
    `${inChannels}, ${outChannels}`,
    ['kernel_size', extents(kernelSize, dims)],
    ['stride', extents(stride, dims)],
    zeros ? null : typeof padding === 'string' ? `padding=${padding}` : ['padding', extents(padding, dims)],
    extents(outputPadding, dims).every((one) => one === 0) ? null : ['output_padding', extents(outputPadding, dims)],
    ones ? null : ['dilation', extents(dilation, dims)],
    groups === 1 ? null : ['groups', groups],
    bias ? null : ['bias', false],
  );
}

/** [N, in, L] -> [N, out, L']. */
export class Conv1d extends AnyConv {
  constructor(inChannels: number, outChannels: number, kernelSize: Extent, options: ConvOptions = {}) {
    super(inChannels, outChannels, kernelSize, 1, false, options as ConvTransposeOptions);
  }

  forward(x: Tensor): Tensor {
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = this.options as ConvOptions;
    return ops.conv1d(x, this.weight, this.bias, stride, padding as number, dilation, groups);
  }
}

/** [N, in, D, H, W] -> [N, out, D', H', W']. */
export class Conv3d extends AnyConv {
  constructor(inChannels: number, outChannels: number, kernelSize: Extent, options: ConvOptions = {}) {
    super(inChannels, outChannels, kernelSize, 3, false, options as ConvTransposeOptions);
  }

  forward(x: Tensor): Tensor {
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = this.options as ConvOptions;
    return ops.conv3d(x, this.weight, this.bias, stride, padding as number, dilation, groups);
  }
}

const TRANSPOSED = { 1: 'convTranspose1d', 2: 'convTranspose2d', 3: 'convTranspose3d' } as const;

/** The gradient of a convolution as a layer: maps grow by the stride. */
abstract class AnyConvTranspose extends AnyConv {
  forward(x: Tensor): Tensor {
    const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = this.options;
    const call = ops[TRANSPOSED[this.kernelSize.length as 1 | 2 | 3]];
    return call(x, this.weight, this.bias, stride, padding as Extent, outputPadding, groups, dilation);
  }
}

/** [N, in, L] -> [N, out, L']. */
export class ConvTranspose1d extends AnyConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Extent, options: ConvTransposeOptions = {}) {
    super(inChannels, outChannels, kernelSize, 1, true, options);
  }
}

/** [N, in, H, W] -> [N, out, H', W']. */
export class ConvTranspose2d extends AnyConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Extent, options: ConvTransposeOptions = {}) {
    super(inChannels, outChannels, kernelSize, 2, true, options);
  }
}

/** [N, in, D, H, W] -> [N, out, D', H', W']. */
export class ConvTranspose3d extends AnyConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Extent, options: ConvTransposeOptions = {}) {
    super(inChannels, outChannels, kernelSize, 3, true, options);
  }
}
