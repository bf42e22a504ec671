/** @file 3x3 convolutions in tiles: sums and gradients against libtorch's direct convolution in float64. */
import { beforeAll, describe, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { freeEverything } from './leaks.js';

beforeAll(() => torch.load({ threads: 2 }));
freeEverything();

/** As a share of the largest number. A direct convolution in float32 is off by 1e-6 to 3e-6. */
const TOLERANCE = 6e-6;
const OWN = 'twoview::convolution_3x3';

interface Shape {
  images: number;
  channels: [number, number];
  size: [number, number];
}

/** One block of tiles and several, whole tiles and cut ones, tall and wide maps, one group of channels and many. */
const SHAPES: Shape[] = [
  { images: 64, channels: [16, 16], size: [4, 4] },
  { images: 8, channels: [16, 48], size: [12, 12] },
  { images: 20, channels: [32, 16], size: [7, 7] },
  { images: 9, channels: [48, 32], size: [10, 15] },
  { images: 16, channels: [16, 32], size: [6, 9] },
  { images: 2, channels: [64, 64], size: [32, 33] },
  { images: 70, channels: [256, 256], size: [4, 4] },
];

const layerOf = ([inputs, outputs]: Shape['channels'], options: torch.nn.Conv2dOptions = {}) =>
  new torch.nn.Conv2d(inputs, outputs, 3, {
    ...{ padding: 1, bias: false, generator: new torch.Generator(7) },
    ...options,
  }).to({ memoryFormat: 'channels_last' });

const draw = ({ images, channels, size }: Shape) =>
  torch
    .randn([images, channels[0], ...size], { generator: new torch.Generator(8) })
    .contiguous({ memoryFormat: 'channels_last' });

const namesOf = (body: () => void) => torch.profile(body).map(({ name }) => name);

function distance(a: torch.Tensor, b: torch.Tensor): number {
  return a.to('float64').sub(b).abs().max().item() / b.abs().max().item();
}

describe.each(SHAPES)('$images images of $size, channels $channels', (shape) => {
  test('sums and gradients are those of the direct convolution', () => {
    const layer = layerOf(shape.channels);
    torch.scope(() => {
      const input = draw(shape);
      const learnt = (x: torch.Tensor, weight: torch.Tensor, forward: (x: torch.Tensor) => torch.Tensor) => {
        x.requiresGrad = true;
        const y = forward(x);
        const numbers = torch.arange(y.numel(), { dtype: 'float64' }).view(y.shape).sin();
        y.backward(numbers.to(y.dtype));
        return [y, x.grad!, weight.grad!];
      };
      let ours: torch.Tensor[] = [];
      expect(namesOf(() => (ours = learnt(input.clone(), layer.weight, (x) => layer.forward(x))))).toContain(OWN);
      const weight = layer.weight.detach().to('float64');
      weight.requiresGrad = true;
      const wanted = learnt(input.to('float64'), weight, (x) => x.conv2d(weight, null, 1, 1));
      for (const [i, one] of ours.entries()) {
        expect(one.shape).toEqual(wanted[i]!.shape);
        expect(distance(one, wanted[i]!)).toBeLessThan(TOLERANCE);
      }
      layer.weight.grad = null;
    });
    layer.dispose();
  });
});

test('an image is convolved alike wherever it lies in the batch', () => {
  const layer = layerOf([64, 64]);
  torch.scope(() => {
    const x = draw({ images: 40, channels: [64, 64], size: [16, 16] });
    const [y, reversed] = torch.noGrad(() => [layer.forward(x), layer.forward(x.flip([0]))]);
    expect(distance(reversed!.flip([0]), y!.to('float64'))).toBeLessThan(1e-6);
  });
  layer.dispose();
});

test('what is no number stays where the kernel sees it', () => {
  const layer = layerOf([16, 16]);
  torch.scope(() => {
    const x = draw({ images: 64, channels: [16, 16], size: [8, 8] });
    x.select(0, 5).fill_(Number.NaN);
    const y = torch.noGrad(() => layer.forward(x));
    const images = y.isnan().to('float32').mean([1, 2, 3]).tolist();
    expect(images).toEqual(Array.from({ length: 64 }, (_, i) => (i === 5 ? 1 : 0)));
  });
  layer.dispose();
});

test.each<[string, Shape, torch.nn.Conv2dOptions]>([
  ['few tiles', { images: 7, channels: [16, 16], size: [8, 8] }, {}],
  ['maps that fill few of their tiles', { images: 64, channels: [16, 16], size: [5, 5] }, {}],
  ['channels that fill no register', { images: 64, channels: [8, 16], size: [8, 8] }, {}],
  ['outputs that fill no register', { images: 64, channels: [16, 24], size: [8, 8] }, {}],
  ['a stride', { images: 64, channels: [16, 16], size: [8, 8] }, { stride: 2 }],
  ['no padding', { images: 64, channels: [16, 16], size: [8, 8] }, { padding: 0 }],
  ['a wide kernel', { images: 64, channels: [16, 16], size: [8, 8] }, { padding: 2, dilation: 2 }],
  ['a bias', { images: 64, channels: [16, 16], size: [8, 8] }, { bias: true }],
  ['groups', { images: 64, channels: [16, 16], size: [8, 8] }, { groups: 2 }],
])('%s: left to libtorch', (_, shape, options) => {
  const layer = layerOf(shape.channels, options);
  torch.scope(() => expect(namesOf(() => void layer.forward(draw(shape)))).not.toContain(OWN));
  layer.dispose();
});

test('bfloat16 and float64 are left to libtorch, and so are images that lie by channel', () => {
  const layer = layerOf([16, 16]);
  torch.scope(() => {
    const x = draw({ images: 64, channels: [16, 16], size: [8, 8] });
    expect(namesOf(() => void layer.forward(x))).toContain(OWN);
    expect(namesOf(() => void torch.autocast({}, () => layer.forward(x)))).not.toContain(OWN);
    expect(namesOf(() => void layer.forward(x.contiguous()))).not.toContain(OWN);
    layer.to({ dtype: 'float64' });
    expect(namesOf(() => void layer.forward(x.to('float64')))).not.toContain(OWN);
  });
  layer.dispose();
});

describe('numbers that tiles would mix', () => {
  const rows = { memoryFormat: 'channels_last' } as const;
  const one = (x: torch.Tensor, value: number) => x.index(0, 0, 5, 5).fill_(value);
  const randn = (...shape: number[]) => torch.randn(shape, { generator: new torch.Generator(1) });
  test.each<[string, (x: torch.Tensor, w: torch.Tensor) => unknown]>([
    ['an infinity', (x) => one(x, Infinity)],
    ['a NaN', (x) => one(x, Number.NaN)],
    ['numbers near the largest', (x) => x.mul_(1e37)],
    ['one pixel of 1e8', (x) => one(x, 1e8)],
    ['one pixel of 1e5', (x) => one(x, 1e5)],
    ['one weight of 1e8', (_, w) => w.index(0, 0, 0, 0).fill_(1e8)],
    ['an infinite weight', (_, w) => w.index(0, 0, 0, 0).fill_(Infinity)],
  ])("%s: outputs and gradients are libtorch's", (_, spoil) => {
    const conv = new torch.nn.Conv2d(16, 16, 3, { padding: 1, bias: false, generator: new torch.Generator(2) });
    torch.scope(() => {
      const x = randn(4, 16, 16, 16);
      torch.noGrad(() => spoil(x, conv.weight));
      const dy = randn(4, 16, 16, 16).contiguous(rows);
      const results = (run: (x: torch.Tensor) => torch.Tensor) => {
        const input = x.detach().contiguous(rows).requiresGrad_();
        const y = run(input);
        return [y, ...torch.grad(y, [input, conv.weight], { gradOutputs: [dy] })] as torch.Tensor[];
      };
      const ours = results((input) => conv.forward(input));
      const theirs = results((input) => input.conv2d(conv.weight, null, 1, 1));
      for (const [i, a] of ours.entries()) {
        const b = theirs[i]!;
        expect(a.isfinite().sum().item()).toBe(b.isfinite().sum().item());
        expect(a.isnan().sum().item()).toBe(b.isnan().sum().item());
        const finite = a.isfinite().logicalAnd(b.isfinite());
        const [p, q] = [a.index(finite), b.index(finite)];
        if (p.numel() > 0) expect(p.sub(q).abs().div(q.abs().add(1)).max().item()).toBeLessThan(2e-4);
      }
    });
    conv.dispose();
  });
  test('a gradient with one large element', () => {
    const conv = new torch.nn.Conv2d(16, 16, 3, { padding: 1, bias: false, generator: new torch.Generator(2) });
    torch.scope(() => {
      const x = randn(4, 16, 16, 16).contiguous(rows).requiresGrad_();
      const dy = randn(4, 16, 16, 16).contiguous(rows);
      one(dy, 1e8);
      const gradient = (y: torch.Tensor) => torch.grad(y, [x], { gradOutputs: [dy] })[0]!.index(0, ':', 8);
      const far = gradient(conv.forward(x)).sub(gradient(x.conv2d(conv.weight, null, 1, 1)));
      expect(far.abs().max().item()).toBeLessThan(1e-5);
    });
    conv.dispose();
  });
});
