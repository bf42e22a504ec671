/**
 * @file ResNet-18, 34, 50 and 101 with torchvision's keys and initialisation. Source: He et al. 2015, arXiv 1512.03385;
 * torchvision/models/resnet.py (v1.5: the stride of a bottleneck sits in its 3x3 convolution). The CIFAR stem is SimCLR's,
 * appendix B.9: a 3x3 convolution of stride 1, no max pooling. cifar-half is ours: the same with stride 2, which makes every
 * later map a quarter as large, for machines without a GPU.
 */

import type { Generator, Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Stem } from '../config/fields.js';

const { BatchNorm2d, Conv2d, Linear, MaxPool2d, Module, Sequential } = torch.nn;
const { kaimingNormal } = torch.nn.init;

type Draw = { generator: Generator | undefined };

function conv(inputs: number, outputs: number, kernel: number, stride: number, { generator }: Draw) {
  const layer = new Conv2d(inputs, outputs, kernel, { stride, padding: (kernel - 1) / 2, bias: false, generator });
  kaimingNormal(layer.weight, { mode: 'out', generator });
  return layer;
}

abstract class Block extends Module {
  protected shortcut(inputs: number, outputs: number, stride: number, draw: Draw) {
    if (stride === 1 && inputs === outputs) return null;
    return this.child('downsample', new Sequential([conv(inputs, outputs, 1, stride, draw), new BatchNorm2d(outputs)]));
  }
}

class BasicBlock extends Block {
  static readonly expansion = 1;
  readonly #conv1;
  readonly #bn1;
  readonly #conv2;
  readonly #bn2;
  readonly #downsample;

  constructor(inputs: number, width: number, stride: number, draw: Draw) {
    super();
    this.#conv1 = this.child('conv1', conv(inputs, width, 3, stride, draw));
    this.#bn1 = this.child('bn1', new BatchNorm2d(width));
    this.#conv2 = this.child('conv2', conv(width, width, 3, 1, draw));
    this.#bn2 = this.child('bn2', new BatchNorm2d(width));
    this.#downsample = this.shortcut(inputs, width, stride, draw);
  }

  forward(x: Tensor): Tensor {
    const inner = this.#bn1.forward(this.#conv1.forward(x), { activation: 'relu' });
    const plus = this.#downsample?.forward(x) ?? x;
    return this.#bn2.forward(this.#conv2.forward(inner), { plus, activation: 'relu' });
  }
}

class Bottleneck extends Block {
  static readonly expansion = 4;
  readonly #conv1;
  readonly #bn1;
  readonly #conv2;
  readonly #bn2;
  readonly #conv3;
  readonly #bn3;
  readonly #downsample;

  constructor(inputs: number, width: number, stride: number, draw: Draw) {
    super();
    const outputs = width * Bottleneck.expansion;
    this.#conv1 = this.child('conv1', conv(inputs, width, 1, 1, draw));
    this.#bn1 = this.child('bn1', new BatchNorm2d(width));
    this.#conv2 = this.child('conv2', conv(width, width, 3, stride, draw));
    this.#bn2 = this.child('bn2', new BatchNorm2d(width));
    this.#conv3 = this.child('conv3', conv(width, outputs, 1, 1, draw));
    this.#bn3 = this.child('bn3', new BatchNorm2d(outputs));
    this.#downsample = this.shortcut(inputs, outputs, stride, draw);
  }

  forward(x: Tensor): Tensor {
    const first = this.#bn1.forward(this.#conv1.forward(x), { activation: 'relu' });
    const second = this.#bn2.forward(this.#conv2.forward(first), { activation: 'relu' });
    const plus = this.#downsample?.forward(x) ?? x;
    return this.#bn3.forward(this.#conv3.forward(second), { plus, activation: 'relu' });
  }
}

export interface ResNetOptions {
  /** Outputs of the classifier; 0 leaves it out. */
  numClasses: number;
  stem: Stem;
  generator?: Generator | undefined;
  /** Channels of the first stage. */
  width?: number;
}

export class ResNet extends Module {
  /** Length d of a representation. */
  readonly featureSize: number;
  readonly #conv1;
  readonly #bn1;
  readonly #maxpool;
  readonly #stages;
  readonly #fc;

  constructor(
    kind: 'basic' | 'bottleneck',
    depths: readonly number[],
    { numClasses, stem, generator, width = 64 }: ResNetOptions,
  ) {
    super();
    const draw = { generator };
    const block = kind === 'basic' ? BasicBlock : Bottleneck;
    this.#conv1 = this.child(
      'conv1',
      stem === 'imagenet' ? conv(3, width, 7, 2, draw) : conv(3, width, 3, stem === 'cifar' ? 1 : 2, draw),
    );
    this.#bn1 = this.child('bn1', new BatchNorm2d(width));
    this.#maxpool = stem === 'imagenet' ? new MaxPool2d(3, { stride: 2, padding: 1 }) : null;
    let inputs = width;
    this.#stages = depths.map((depth, stage) => {
      const outputs = width * 2 ** stage;
      const blocks = Array.from({ length: depth }, (_, i) => {
        const made = new block(inputs, outputs, i === 0 && stage > 0 ? 2 : 1, draw);
        inputs = outputs * block.expansion;
        return made;
      });
      return this.child(`layer${stage + 1}`, new Sequential(blocks));
    });
    this.featureSize = inputs;
    this.#fc = numClasses > 0 ? this.child('fc', new Linear(inputs, numClasses, draw)) : null;
  }

  get stages(): number {
    return 1 + this.#stages.length;
  }

  /** The stem, then layer1 to layer4. */
  stageOf(key: string): number {
    return Number(/^layer(\d)\./.exec(key)?.[1] ?? 0);
  }

  /** [N, 3, H, W] -> the representation h [N, d], averaged over the last map. */
  features(x: Tensor): Tensor {
    return torch.nn.inTurn(x, this.segments());
  }

  /** The stem, each block, and the mean over the last map. */
  segments(): ((x: Tensor) => Tensor)[] {
    const blocks = this.#stages.flatMap(({ layers }) => layers);
    return [
      (x) => {
        const stem = this.#bn1.forward(this.#conv1.forward(x), { activation: 'relu' });
        return this.#maxpool?.forward(stem) ?? stem;
      },
      ...blocks.map((block) => (x: Tensor) => block.forward(x)),
      (x) => x.mean([2, 3]),
    ];
  }

  /** [N, 3, H, W] -> logits [N, numClasses], or the representation where there is no classifier. */
  forward(x: Tensor): Tensor {
    const h = this.features(x);
    return this.#fc?.forward(h) ?? h;
  }
}
