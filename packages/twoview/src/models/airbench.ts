/**
 * @file A plain convolutional network for minutes of two cores: whitening, three groups of two 3x3 convolutions, a mean. Source: the
 * network of KellerJordan/cifar10-airbench (Jordan 2024, arXiv 2404.00498, section 2): frozen whitening of 2x2 patches, pooling before
 * the first norm of a group, widths 64, 256, 256. Wide 3x3 convolutions are what processors compute fastest for each multiplication.
 * Different here: SiLU for GELU, which batch norm computes in the same pass; norms with trained scales and PyTorch's momentum; a 1x1
 * convolution to 512 channels before a mean over the map instead of its maximum; larger patches for larger images (stem imagenet).
 */
import type { Generator, Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Stem } from '../config/fields.js';

const { BatchNorm2d, Conv2d, Linear, MaxPool2d, Module } = torch.nn;

/** Added to the eigenvalues of patches, as in the source. */
const EPSILON = 5e-4;
/** Directions of patches that are kept, each with both signs. */
const DIRECTIONS = 12;
const PATCHES: Record<Stem, { side: number; stride: number }> = {
  cifar: { side: 2, stride: 1 },
  'cifar-half': { side: 2, stride: 2 },
  imagenet: { side: 4, stride: 4 },
};

/** A convolution of fixed weights with a trained bias; `fitTo` makes the weights of images. */
class Whitening extends Module {
  readonly #weight;
  readonly #bias;
  readonly #stride: number;

  constructor({ side, stride }: { side: number; stride: number }, generator: Generator | undefined) {
    super();
    this.#stride = stride;
    const weight = torch.empty([2 * DIRECTIONS, 3, side, side]);
    torch.nn.init.defaultUniform(weight, 3 * side * side, { generator });
    this.#weight = this.buffer('weight', weight);
    this.#bias = this.parameter('bias', torch.zeros([2 * DIRECTIONS]));
  }

  /** @param x [N, 3, S, S] -> [N, 24, T, T] */
  forward(x: Tensor): Tensor {
    return torch.ops.conv2d(x, this.#weight, this.#bias, [this.#stride, this.#stride]);
  }

  /** Principal directions of all patches of these images, each divided by the standard deviation along it. */
  fitTo(images: Tensor): void {
    torch.scope(() =>
      torch.noGrad(() => {
        const side = this.#weight.shape[3]!;
        const size = 3 * side * side;
        const patches = images.unfold(2, side, side).unfold(3, side, side).permute([0, 2, 3, 1, 4, 5]);
        const rows = patches.reshape([-1, size]).to('float64');
        const [values, vectors] = torch.ops.linalgEigh(rows.t().matmul(rows).div(rows.shape[0]!)); // ascending
        const scaled = vectors.div(values.add(EPSILON).sqrt()).t().flip([0]).narrow(0, 0, DIRECTIONS);
        // An eigenvector has two signs: its largest number is positive, on every machine.
        const signs = torch.where(
          scaled.gather(1, scaled.abs().argmax(1, true)).lt(0),
          torch.tensor(-1, { dtype: 'float64' }),
          torch.tensor(1, { dtype: 'float64' }),
        );
        const kernels = scaled.mul(signs).reshape([DIRECTIONS, 3, side, side]);
        this.#weight.copy_(torch.cat([kernels, kernels.neg()]));
      }),
    );
  }
}

class Group extends Module {
  readonly #conv1;
  readonly #bn1;
  readonly #conv2;
  readonly #bn2;
  readonly #pool = new MaxPool2d(2);

  constructor(inputs: number, width: number, generator: Generator | undefined) {
    super();
    const options = { padding: 1, bias: false, generator };
    this.#conv1 = this.child('conv1', new Conv2d(inputs, width, 3, options));
    this.#bn1 = this.child('bn1', new BatchNorm2d(width));
    this.#conv2 = this.child('conv2', new Conv2d(width, width, 3, options));
    this.#bn2 = this.child('bn2', new BatchNorm2d(width));
  }

  forward(x: Tensor): Tensor {
    const map = this.#conv1.forward(x);
    const pooled = map.shape[3]! > 1 ? this.#pool.forward(map) : map; // of the smallest views one pixel is left
    const inner = this.#bn1.forward(pooled, { activation: 'silu' });
    return this.#bn2.forward(this.#conv2.forward(inner), { activation: 'silu' });
  }
}

export interface AirbenchOptions {
  /** Outputs of the classifier; 0 leaves it out. */
  numClasses: number;
  stem: Stem;
  generator?: Generator | undefined;
  /** Channels of the three groups, and of a representation. */
  widths?: readonly [number, number, number, number];
}

export class Airbench extends Module {
  /** Length d of a representation. */
  readonly featureSize: number;
  readonly stages = 5;
  readonly #whiten;
  readonly #groups;
  readonly #expand;
  readonly #bn;
  readonly #fc;

  constructor({ numClasses, stem, generator, widths = [64, 256, 256, 512] }: AirbenchOptions) {
    super();
    const [a, b, c, d] = widths;
    this.#whiten = this.child('whiten', new Whitening(PATCHES[stem], generator));
    this.#groups = [
      this.child('layer1', new Group(2 * DIRECTIONS, a, generator)),
      this.child('layer2', new Group(a, b, generator)),
      this.child('layer3', new Group(b, c, generator)),
    ];
    this.#expand = this.child('expand', new Conv2d(c, d, 1, { bias: false, generator }));
    this.#bn = this.child('bn', new BatchNorm2d(d));
    this.featureSize = d;
    this.#fc = numClasses > 0 ? this.child('fc', new Linear(d, numClasses, { generator })) : null;
  }

  /** Makes the whitening of these images. @param images [N, 3, S, S] float32, normalised */
  fitTo(images: Tensor): void {
    this.#whiten.fitTo(images);
  }

  /** The whitening, layer1 to layer3, the last convolution. */
  stageOf(key: string): number {
    if (/^(expand|bn)\./.test(key)) return 4;
    return Number(/^layer(\d)\./.exec(key)?.[1] ?? 0);
  }

  /** [N, 3, H, W] -> the representation h [N, d], averaged over the last map. */
  features(x: Tensor): Tensor {
    return torch.nn.inTurn(x, this.segments());
  }

  segments(): ((x: Tensor) => Tensor)[] {
    return [
      (x) => torch.ops.silu(this.#whiten.forward(x)),
      ...this.#groups.map((group) => (x: Tensor) => group.forward(x)),
      (x) => this.#bn.forward(this.#expand.forward(x), { activation: 'silu' }).mean([2, 3]),
    ];
  }

  /** [N, 3, H, W] -> logits [N, numClasses], or the representation where there is no classifier. */
  forward(x: Tensor): Tensor {
    const h = this.features(x);
    return this.#fc?.forward(h) ?? h;
  }
}
