import { describe, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { freeEverything } from './leaks.js';

/** Both sides add float64 numbers in another order. */
const TOLERANCE = 1e-10;

freeEverything();

interface Shape {
  images: number;
  channels: [number, number];
  size: [number, number];
  kernel: number;
  options: { stride?: number; padding?: number; dilation?: number; groups?: number; bias?: boolean };
}

const shape = (
  images: number,
  channels: [number, number],
  size: [number, number],
  kernel: number,
  options: Shape['options'] = {},
): Shape => ({ images, channels, size, kernel, options });

const SHAPES: Shape[] = [
  shape(2, [3, 5], [6, 4], 1),
  shape(2, [3, 5], [6, 5], 1, { bias: false }),
  shape(2, [3, 5], [7, 4], 1, { stride: 2 }),
  shape(2, [3, 5], [7, 7], 1, { stride: 3 }),
  shape(32, [3, 5], [1, 1], 3, { padding: 1 }),
  shape(32, [3, 5], [2, 2], 3, { padding: 1 }),
  shape(32, [3, 5], [2, 2], 3, { padding: 1, stride: 2, bias: false }),
  shape(32, [3, 5], [4, 4], 3, { padding: 1, stride: 2 }),
  shape(32, [3, 5], [4, 3], 3, { padding: 1, stride: 2, bias: false }),
  shape(32, [3, 5], [1, 4], 3, { padding: 1 }),
  shape(32, [3, 5], [4, 4], 3),
  shape(32, [3, 5], [4, 4], 4, { bias: false }),
  shape(32, [2, 3], [3, 3], 5, { padding: 2, stride: 2 }),
  shape(32, [2, 3], [2, 2], 7, { padding: 3 }),
  shape(32, [2, 3], [1, 1], 1, { padding: 1 }),
  shape(32, [2, 3], [4, 4], 3, { padding: 2, dilation: 2, stride: 2 }),
  shape(4, [6, 6], [1, 1], 3, { padding: 1, groups: 6, bias: false }),
  shape(4, [6, 6], [1, 1], 5, { padding: 2, groups: 6, stride: 2, bias: false }),
  shape(4, [6, 6], [1, 1], 3, { padding: 1, groups: 6 }),
  shape(4, [6, 12], [1, 1], 3, { padding: 1, groups: 6, bias: false }),
  shape(4, [6, 6], [1, 1], 3, { padding: 2, dilation: 2, groups: 6, bias: false }),
  shape(4, [6, 6], [2, 2], 3, { padding: 1, groups: 6, bias: false }),
  shape(4, [6, 4], [5, 5], 3, { padding: 1, groups: 2 }),
];

const name = ({ images, channels, size, kernel, options }: Shape) =>
  `${images} x ${channels.join(' to ')}, ${size.join(' x ')}, kernel ${kernel}, ${JSON.stringify(options)}`;

const largest = (x: torch.Tensor) => x.abs().max().item();

describe.each(SHAPES.map((one) => ({ name: name(one), ...one })))(
  '$name',
  ({ images, channels, size, kernel, options }) => {
    for (const memoryFormat of ['contiguous', 'channels_last'] as const) {
      test(`sums and gradients are those of conv2d, ${memoryFormat}`, () => {
        const generator = new torch.Generator(7);
        const layer = new torch.nn.Conv2d(...channels, kernel, { ...options, generator });
        layer.to({ dtype: 'float64' });
        torch.scope(() => {
          const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
          const draw = () => torch.randn([images, channels[0], ...size], { dtype: 'float64', generator });
          const input = draw().contiguous({ memoryFormat });
          const run = (forward: (x: torch.Tensor) => torch.Tensor) => {
            const x = input.detach().clone();
            x.requiresGrad = true;
            const y = forward(x);
            y.mul(torch.arange(y.numel(), { dtype: 'float64' }).view(y.shape).sin())
              .sum()
              .backward();
            const weights = layer.parameters().map((parameter) => parameter.grad!);
            for (const parameter of layer.parameters()) parameter.grad = null;
            return [y, x.grad!, ...weights];
          };
          const ours = run((x) => layer.forward(x));
          const wanted = run((x) => x.conv2d(layer.weight, layer.bias, stride, padding, dilation, groups));
          expect(ours.map(({ shape }) => shape)).toEqual(wanted.map(({ shape }) => shape));
          for (const [i, one] of ours.entries()) expect(largest(one.sub(wanted[i]!))).toBeLessThan(TOLERANCE);
        });
        layer.dispose();
      });
    }
  },
);

test.each([4, 1])(
  'a grouped convolution of %d pixels a side adds in float32 under autocast, and hands on what it was given',
  (side) => {
    const generator = new torch.Generator(7);
    const layer = new torch.nn.Conv2d(6, 6, 3, { padding: 1, groups: 6, bias: false, generator });
    torch.scope(() => {
      const x = torch.randn([2, 6, side, side], { generator }).to('bfloat16');
      const y = torch.autocast({}, () => layer.forward(x));
      expect(y.dtype).toBe('bfloat16');
      const exact = x.to('float32').conv2d(layer.weight, layer.bias, 1, 1, 1, 6).to('bfloat16');
      expect(largest(y.sub(exact))).toBe(0);
    });
    layer.dispose();
  },
);
