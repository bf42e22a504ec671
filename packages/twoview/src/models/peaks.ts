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
const CHANNELS = 256;
/** Large enough that starting an operator does not count: a GPU does in a microsecond what takes a CPU a millisecond. */
const SIZES = {
  cpu: { side: 2048, maps: [64, CHANNELS, 16, 16], copied: 128 << 20, times: 1 },
  cuda: { side: 8192, maps: [1024, CHANNELS, 32, 32], copied: 1 << 30, times: 20 },
} as const;

/** Takes a few seconds. */
export function measurePeaks(device: string): Peaks {
  const { side, maps, copied, times } = SIZES[device.startsWith('cuda') ? 'cuda' : 'cpu'];
  const best = (body: () => unknown): number =>
    torch.noGrad(() => leastSeconds({ body }, { repeats: REPEATS, device, times })).body;
  const both = (measure: (precision: Precision) => number) => ({
    float32: measure('float32'),
    bfloat16: measure('bfloat16'),
  });
  return torch.scope(() => {
    const product = (dtype: Precision) => {
      const a = torch.randn([side, side], { device }).to(dtype);
      return (2 * side ** 3) / best(() => a.mm(a));
    };
    const convolution = (precision: Precision) => {
      const x = torch
        .randn([...maps], { device })
        .to(precision)
        .contiguous({ memoryFormat: 'channels_last' });
      const weight = torch.randn([CHANNELS, CHANNELS, 3, 3], { device }).contiguous({ memoryFormat: 'channels_last' });
      const { run } = compute(device, precision);
      const [images, , height, width] = maps;
      const work = 2 * images * height * width * CHANNELS * CHANNELS * 9;
      return work / best(() => run(() => x.conv2d(weight, null, 1, 1)));
    };
    const source = torch.empty([copied / 4], { device }).fill_(1);
    const target = source.clone();
    return {
      product: both(product),
      convolution: both(convolution),
      copy: (2 * copied) / best(() => target.copy_(source)),
    };
  });
}
