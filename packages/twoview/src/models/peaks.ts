/** @file What this machine can do at best: products and convolutions a second, bytes a second. Measured, not read from a data sheet. */
import * as torch from '@twoview/torch';
import { compute, type Precision } from './compute.js';
import { leastSeconds } from './timing.js';

export interface Peaks {
  /** Floating-point operations a second of a square matrix product, two for a multiply-add. */
  product: Record<Precision, number>;
  /** Of libtorch's own 3x3 convolution with 256 channels, channels-last: a direct one, whose every multiplication is done. */
  convolution: Record<Precision, number>;
  /** Bytes a second, read and written, of copying what fits in no cache. */
  copy: number;
}

const REPEATS = 5;
const SIDE = 2048;
const CHANNELS = 256;
const MAPS = [64, CHANNELS, 16, 16] as const;
const COPIED = 128 << 20;

/** Takes a few seconds. */
export function measurePeaks(device: string): Peaks {
  const best = (body: () => unknown): number =>
    torch.noGrad(() => leastSeconds({ body }, { repeats: REPEATS, device })).body;
  const both = (measure: (precision: Precision) => number) => ({
    float32: measure('float32'),
    bfloat16: measure('bfloat16'),
  });
  return torch.scope(() => {
    const product = (dtype: Precision) => {
      const a = torch.randn([SIDE, SIDE], { device }).to(dtype);
      return (2 * SIDE ** 3) / best(() => a.mm(a));
    };
    const convolution = (precision: Precision) => {
      const x = torch
        .randn([...MAPS], { device })
        .to(precision)
        .contiguous({ memoryFormat: 'channels_last' });
      const weight = torch.randn([CHANNELS, CHANNELS, 3, 3], { device }).contiguous({ memoryFormat: 'channels_last' });
      const { run } = compute(device, precision);
      const [images, , height, width] = MAPS;
      const work = 2 * images * height * width * CHANNELS * CHANNELS * 9;
      return work / best(() => run(() => x.conv2d(weight, null, 1, 1)));
    };
    const source = torch.empty([COPIED / 4], { device }).fill_(1);
    const target = source.clone();
    return {
      product: both(product),
      convolution: both(convolution),
      copy: (2 * COPIED) / best(() => target.copy_(source)),
    };
  });
}
