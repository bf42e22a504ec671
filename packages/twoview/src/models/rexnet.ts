/**
 * @file ReXNet 1.0x to 3.0x with timm's keys and initialisation. Widths grow by an equal step from block to block, so that no
 * layer is a bottleneck of rank. Source: Han et al. 2020, arXiv 2007.00992; timm/models/rexnet.py (1.0). Timm's stem halves
 * the image, as `imagenet` and `cifar-half` do here; `cifar` is the same with stride 1. All stems have the same weights.
 */

import type { Generator, Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Stem } from '../config/fields.js';

const { BatchNorm2d, Conv2d, Dropout, Linear, Module, Sequential } = torch.nn;
const { constant, normal, uniform } = torch.nn.init;

type Draw = { generator: Generator | undefined };

/** Blocks of a stage, stride of its first block; the first stage does not widen inside its block, and two have no gate. */
const STAGES = [
  { blocks: 1, stride: 1, expansion: 1, gated: false },
  { blocks: 2, stride: 2, expansion: 6, gated: false },
  { blocks: 2, stride: 2, expansion: 6, gated: true },
  { blocks: 3, stride: 2, expansion: 6, gated: true },
  { blocks: 3, stride: 1, expansion: 6, gated: true },
  { blocks: 5, stride: 2, expansion: 6, gated: true },
] as const;
const BLOCKS = STAGES.reduce((sum, { blocks }) => sum + blocks, 0);

const DROPOUT = 0.2;
const STEM_WIDTH = 32;
const FIRST_WIDTH = 16;
const WIDTH_GROWTH = 180;
const LAST_WIDTH = 1280;
const GATE_SHARE = 1 / 12;

/** N(0, 2 / fan out), where the fan out is that of one group. */
function conv(
  inputs: number,
  outputs: number,
  kernel: number,
  { stride = 1, groups = 1, bias = false, generator }: { stride?: number; groups?: number; bias?: boolean } & Draw,
) {
  const layer = new Conv2d(inputs, outputs, kernel, { stride, padding: (kernel - 1) / 2, groups, bias, generator });
  normal(layer.weight, 0, Math.sqrt(2 / ((kernel * kernel * outputs) / groups)), { generator });
  if (layer.bias !== null) constant(layer.bias, 0);
  return layer;
}

class ConvNorm extends Module {
  readonly #conv;
  readonly #bn;

  constructor(
    inputs: number,
    outputs: number,
    kernel: number,
    options: { stride?: number; groups?: number } & Draw,
    readonly activation: 'none' | 'silu' = 'none',
  ) {
    super();
    this.#conv = this.child('conv', conv(inputs, outputs, kernel, options));
    this.#bn = this.child('bn', new BatchNorm2d(outputs));
  }

  forward(x: Tensor): Tensor {
    return this.#bn.forward(this.#conv.forward(x), { activation: this.activation });
  }
}

/** In place: nothing else needs what came in, and in training the map would be kept twice. */
const relu6 = (x: Tensor) => x.hardtanh_(0, 6);

/** Squeeze and excitation: scales each channel by a gate that the image's own channel means open. Hu et al. 2017, arXiv 1709.01507. */
class Gate extends Module {
  readonly #fc1;
  readonly #bn;
  readonly #fc2;

  constructor(channels: number, squeezed: number, draw: Draw) {
    super();
    this.#fc1 = this.child('fc1', conv(channels, squeezed, 1, { bias: true, ...draw }));
    this.#bn = this.child('bn', new BatchNorm2d(squeezed));
    this.#fc2 = this.child('fc2', conv(squeezed, channels, 1, { bias: true, ...draw }));
  }

  forward(x: Tensor): Tensor {
    const squeezed = this.#bn.forward(this.#fc1.forward(x.mean([2, 3], { keepdim: true })), { activation: 'relu' });
    return x.mul(this.#fc2.forward(squeezed).sigmoid());
  }
}

interface BlockShape {
  inputs: number;
  outputs: number;
  stride: number;
  expansion: number;
  gated: boolean;
}

/** Widen, convolve each channel by itself, gate, narrow linearly. */
class LinearBottleneck extends Module {
  readonly #expand;
  readonly #depthwise;
  readonly #gate;
  readonly #project;
  /** Channels that the input is added to; 0 without a shortcut. */
  readonly #shared: number;

  constructor({ inputs, outputs, stride, expansion, gated }: BlockShape, draw: Draw) {
    super();
    const width = inputs * expansion;
    this.#shared = stride === 1 && inputs <= outputs ? inputs : 0;
    this.#expand = expansion === 1 ? null : this.child('conv_exp', new ConvNorm(inputs, width, 1, draw, 'silu'));
    this.#depthwise = this.child('conv_dw', new ConvNorm(width, width, 3, { stride, groups: width, ...draw }));
    this.#gate = gated ? this.child('se', new Gate(width, Math.trunc(width * GATE_SHARE), draw)) : null;
    this.#project = this.child('conv_pwl', new ConvNorm(width, outputs, 1, draw));
  }

  forward(x: Tensor): Tensor {
    const wide = this.#depthwise.forward(this.#expand?.forward(x) ?? x);
    const gated = this.#gate?.forward(wide) ?? wide;
    const out = this.#project.forward(relu6(gated));
    if (this.#shared > 0) out.narrow(1, 0, this.#shared).add_(x);
    return out;
  }
}

class Head extends Module {
  readonly #dropout;
  readonly #fc;

  constructor(inputs: number, numClasses: number, draw: Draw) {
    super();
    this.#dropout = this.child('dropout', new Dropout(DROPOUT));
    const range = 1 / Math.sqrt(numClasses);
    const fc = new Linear(inputs, numClasses, draw);
    uniform(fc.weight, -range, range, draw);
    constant(fc.bias!, 0);
    this.#fc = this.child('fc', fc);
  }

  forward(h: Tensor): Tensor {
    return this.#fc.forward(this.#dropout.forward(h));
  }
}

export interface RexNetOptions {
  /** Outputs of the classifier; 0 leaves it out. */
  numClasses: number;
  stem: Stem;
  generator?: Generator | undefined;
}

/** Python's round: a half goes to the even neighbour. */
function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

export class RexNet extends Module {
  /** Length d of a representation. */
  readonly featureSize: number;
  readonly #stem;
  readonly #features;
  readonly #head;

  /** @param width multiple of the channels of ReXNet 1.0x */
  constructor(width: number, { numClasses, stem, generator }: RexNetOptions) {
    super();
    const draw = { generator };
    const stemWidth = roundHalfToEven(STEM_WIDTH * width);
    this.#stem = this.child(
      'stem',
      new ConvNorm(3, stemWidth, 3, { stride: stem === 'cifar' ? 1 : 2, ...draw }, 'silu'),
    );
    let inputs = stemWidth;
    let base = FIRST_WIDTH;
    const blocks: torch.nn.Module[] = [];
    for (const { blocks: count, stride, expansion, gated } of STAGES) {
      for (let i = 0; i < count; i++) {
        const outputs = roundHalfToEven(base * width);
        blocks.push(new LinearBottleneck({ inputs, outputs, stride: i === 0 ? stride : 1, expansion, gated }, draw));
        inputs = outputs;
        base += WIDTH_GROWTH / BLOCKS;
      }
    }
    this.featureSize = Math.floor(LAST_WIDTH * width + 0.5);
    this.#features = this.child(
      'features',
      new Sequential([...blocks, new ConvNorm(inputs, this.featureSize, 1, draw, 'silu')]),
    );
    this.#head = numClasses > 0 ? this.child('head', new Head(this.featureSize, numClasses, draw)) : null;
  }

  get stages(): number {
    return 1 + STAGES.length;
  }

  /** The stem, then the six stages; the last convolution belongs to the last of them. */
  stageOf(key: string): number {
    const block = /^features\.(\d+)\./.exec(key);
    if (block === null) return 0;
    let last = 0;
    const stage = STAGES.findIndex(({ blocks }) => {
      last += blocks;
      return Number(block[1]) < last;
    });
    return stage < 0 ? STAGES.length : stage + 1;
  }

  /** [N, 3, H, W] -> the representation h [N, d], averaged over the last map. */
  features(x: Tensor): Tensor {
    return torch.nn.inTurn(x, this.segments());
  }

  /** The stem, each bottleneck, the last convolution, and the mean over its map. */
  segments(): ((x: Tensor) => Tensor)[] {
    const layers = [this.#stem, ...this.#features.layers];
    return [...layers.map((layer) => (x: Tensor) => layer.forward(x)), (x) => x.mean([2, 3])];
  }

  /** [N, 3, H, W] -> logits [N, numClasses], or the representation where there is no classifier. */
  forward(x: Tensor): Tensor {
    const h = this.features(x);
    return this.#head?.forward(h) ?? h;
  }
}
