/** @file Two-dimensional convolution. Source: torch.nn.Conv2d; only zero padding. */
import { autocast } from '../autograd.js';
import { empty } from '../dispatch/functions.js';
import { guarded, native } from '../native.js';
import type { Generator } from '../random.js';
import { Tensor } from '../tensor.js';
import { isTinyMap, pixelwise, tinyMap } from './conv-as-product.js';
import { describeConv } from './convolutions.js';
import { defaultUniform, fans } from './init.js';
import { Module } from './module.js';
import { type Extent, extents } from './options.js';

export interface Conv2dOptions {
  stride?: Extent;
  padding?: Extent | 'same' | 'valid';
  dilation?: Extent;
  groups?: number;
  bias?: boolean;
  generator?: Generator | undefined;
}

/** [N, in, H, W] -> [N, out, H', W']. */
export class Conv2d extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor | null;
  readonly #settings: { stride: number; padding: number; dilation: number; groups: number };
  /** False where a side has settings of its own, which libtorch alone knows. */
  readonly #square: boolean;

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    readonly kernelSize: Extent,
    { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true, generator }: Conv2dOptions = {},
  ) {
    super();
    this.#square = [stride, padding, dilation, kernelSize].every((one) => typeof one === 'number');
    this.#settings = { stride, padding, dilation, groups } as {
      stride: number;
      padding: number;
      dilation: number;
      groups: number;
    };
    const weight = empty([outChannels, inChannels / groups, ...extents(kernelSize, 2)]);
    const fanIn = fans(weight).in;
    this.weight = this.parameter('weight', defaultUniform(weight, fanIn, { generator }));
    this.bias = bias ? this.parameter('bias', defaultUniform(empty([outChannels]), fanIn, { generator })) : null;
  }

  forward(x: Tensor): Tensor {
    return this.#square && x.ndim === 4 && x.device === 'cpu' ? this.#onCpu(x) : this.#convolve(x);
  }

  protected override extraRepr(): string {
    const { stride, padding, dilation, groups } = this.#settings as Conv2dOptions;
    return describeConv(this, 2, { stride, padding, dilation, groups, bias: this.bias !== null });
  }

  #convolve(x: Tensor): Tensor {
    const { stride, padding, dilation, groups } = this.#settings;
    return x.conv2d(this.weight, this.bias, stride, padding, dilation, groups);
  }

  /** The same sums, by the way that is fastest for their shape. */
  #onCpu(x: Tensor): Tensor {
    const { stride, padding, dilation, groups } = this.#settings;
    const kernel = this.weight.shape[2]!;
    if (groups === 1 && kernel === 1 && padding === 0) return pixelwise(x, this.weight, this.bias, stride);
    if (groups === 1 && dilation === 1 && isTinyMap(x, kernel, { stride, padding })) {
      return tinyMap(x, this.weight, this.bias, { stride, padding });
    }
    return groups === 1 ? (this.#inTiles(x) ?? this.#convolve(x)) : this.#grouped(x);
  }

  /** By native/kernels/winograd.cc, or null where that is for other tensors. */
  #inTiles(x: Tensor): Tensor | null {
    const { stride, padding, dilation } = this.#settings;
    if (stride !== 1 || padding !== 1 || dilation !== 1 || this.bias !== null) return null;
    return Tensor.fromId(guarded('conv2d', () => native().convolution3x3(Tensor.idOf(x), Tensor.idOf(this.weight))));
  }

  /** In float32 under autocast: oneDNN's bfloat16 gradients of grouped convolutions are up to fifty times slower. */
  #grouped(x: Tensor): Tensor {
    const exact = x.dtype === 'bfloat16' ? x.to(this.weight.dtype) : x;
    return autocast({ enabled: false }, () =>
      this.#isScaling(x) ? exact.mul(this.#middle()) : this.#convolve(exact),
    ).to(x.dtype);
  }

  /** Whether each channel is convolved by itself, and only the middle of its kernel meets an image: a map of one pixel. */
  #isScaling({ shape: [, inputs, height, width] }: Tensor): boolean {
    const { padding, dilation } = this.#settings;
    const [channels, perGroup, kernel] = this.weight.shape;
    const isDepthwise = perGroup === 1 && channels === inputs && this.bias === null;
    return isDepthwise && height === 1 && width === 1 && kernel === 2 * padding + 1 && dilation === 1;
  }

  #middle(): Tensor {
    const { padding } = this.#settings;
    return this.weight.select(2, padding).select(2, padding).view([1, -1, 1, 1]);
  }
}
