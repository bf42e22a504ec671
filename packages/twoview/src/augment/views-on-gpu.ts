/** @file The views of a batch by the kernel for GPUs, where it can make them; augment/views.ts says what they are. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Normalisation } from './chunks.js';
import type { ViewOptions } from './views.js';
import { LARGEST_SIDE, VIEW_THREADS, VIEWS_KERNEL } from './views-kernel.js';

/** Rounded as on a CPU, so that a product and a sum are two steps there too. */
const kernel = new torch.cuda.Kernel(VIEWS_KERNEL, 'makeViews', { exact: true });

/** Streams of numbers, in the kernel's order. */
const PURPOSES = ['area', 'ratio', 'place', 'flip', 'order', 'jitter', 'factors', 'grayscale'] as const;

export interface ViewsOnGpu {
  /** [M, 3, S, S] uint8 */
  images: Tensor;
  /** [N] int64, which of them */
  indices: Tensor;
  /** V, of the views. */
  side: number;
  /** Number of the first view among those of the whole batch. */
  first: number;
  /** The key of each stream. */
  keyOf: (purpose: string) => bigint;
}

export const suitsGpu = (device: string, side: number, { blur }: ViewOptions): boolean =>
  device.startsWith('cuda') && torch.cuda.usesOwnKernels() && blur === 0 && side <= LARGEST_SIDE;

/** What the kernel is asked for, apart from its tensors. */
export function kernelCall(
  { images, indices, side, first, keyOf }: ViewsOnGpu,
  { cropScale, flip, jitter, grayscale }: ViewOptions,
  { mean, std }: Normalisation,
) {
  const size = images.shape[3]!;
  const [ratioLow, ratioHigh] = [Math.log(3 / 4), Math.log(4 / 3)];
  const around = [jitter.brightness, jitter.contrast, jitter.saturation];
  const low = [...around.map((range) => Math.max(0, 1 - range)), -jitter.hue];
  const high = [...around.map((range) => 1 + range), jitter.hue];
  return {
    ...{ blocks: 2 * indices.numel(), threads: VIEW_THREADS, sharedBytes: 12 * side * side },
    integers: [size, side, first, ...PURPOSES.map(keyOf)],
    numbers: [
      ...[cropScale[0], cropScale[1] - cropScale[0], ratioLow, ratioHigh - ratioLow, flip, jitter.probability],
      ...low,
      ...high.map((top, i) => top - low[i]!),
      ...[grayscale, ...mean, ...std],
    ],
  };
}

/** @returns [2N, 3, V, V] float32, channels-last: two views of each image, one after the other */
export function viewsOnGpu(given: ViewsOnGpu, options: ViewOptions, normalisation: Normalisation): Tensor {
  const { images, indices, side } = given;
  const { integers, numbers, ...shape } = kernelCall(given, options, normalisation);
  return torch.noGrad(() => {
    const out = torch.empty([shape.blocks, side, side, 3], { device: images.device });
    kernel.launch(shape, { tensors: [images, indices, out], integers, numbers });
    return out.permute([0, 3, 1, 2]);
  });
}
