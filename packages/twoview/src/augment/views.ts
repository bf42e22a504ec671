/**
 * @file The views of SimCLR: random resized crop, flip, colour jitter, grayscale and, if wanted, blur; every image with
 * parameters of its own, whole batches at once. Source: Chen et al. 2020, arXiv 2002.05709, section 3 and appendix A.
 */

import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Draw } from '../runs/random.js';
import { blur } from './blur.js';
import { colourJitter, grayscale, type JitterOptions, sampleJitter } from './colour.js';
import { applyCrops, type Crops, sampleCrops } from './crop.js';
import type { Jitter } from './jitter-steps.js';

export interface ViewOptions {
  cropScale: readonly [number, number];
  flip: number;
  jitter: JitterOptions;
  grayscale: number;
  /** Probability of blur; sigma is drawn from [0.1, 2]. */
  blur: number;
}

/** What was drawn for [N * k] views, on the device of their images. */
export interface ViewParameters {
  crops: Crops;
  jitter: Jitter | null;
  gray: Tensor | null;
  sigma: Tensor | null;
}

/**
 * Views that are worked on at once. On a CPU their intermediate results stay in a core's cache; a GPU wants few large
 * pieces, since each operator costs its start.
 */
const CHUNK_BYTES = { cpu: 1 << 20, cuda: 256 << 20 };
/** The views of one image, from which on all threads work on each operator. */
const WORTH_ALL_THREADS = 1 << 16;

/** @param size side of the images @param draw where the numbers of each view come from; the parameters lie on its device */
export function sampleViews(size: number, options: ViewOptions, draw: Draw): ViewParameters {
  return onOneThread(() =>
    torch.scope(() => {
      const chosen = (purpose: string, probability: number) => draw(purpose, 1).squeeze(1).lt(probability);
      const crops = sampleCrops(size, { scale: options.cropScale, flip: options.flip }, draw);
      const jitter = options.jitter.probability > 0 ? sampleJitter(options.jitter, draw) : null;
      const gray = options.grayscale > 0 ? chosen('grayscale', options.grayscale) : null;
      const sigma =
        options.blur > 0
          ? draw('sigma', 1).squeeze(1).mul(1.9).add_(0.1).mul_(chosen('blur', options.blur)).to('float32')
          : null;
      return { crops, jitter, gray, sigma };
    }),
  );
}

/** Mean and standard deviation of each channel; the images become (x - mean) / std. */
export interface Normalisation {
  mean: readonly number[];
  std: readonly number[];
}

/**
 * @param images [N, 3, S, S] uint8
 * @param parameters of N * k views: k for the first image, then k for the second, ...
 * @returns [N * k, 3, S, S] float32, channels-last
 */
export function applyViews(images: Tensor, parameters: ViewParameters, { mean, std }: Normalisation): Tensor {
  const [n, c, size] = images.shape as [number, number, number];
  const k = parameters.crops.top.numel() / n;
  const device = images.device;
  const bytes = k * c * size * size * 4;
  const isGpu = device.startsWith('cuda');
  const inParallel = isGpu || bytes >= WORTH_ALL_THREADS ? torch.noGrad : onOneThread;
  return inParallel(() =>
    torch.scope(() => {
      const result = torch.empty([n * k, size, size, c], { device });
      const atOnce = isGpu ? CHUNK_BYTES.cuda : CHUNK_BYTES.cpu * torch.getNumThreads();
      const chunk = Math.max(1, Math.floor(atOnce / bytes));
      for (let from = 0; from < n; from += chunk) {
        torch.scope(() => {
          const count = Math.min(chunk, n - from);
          const source = images.narrow(0, from, count).to('float32').div_(255);
          const mine = slice(parameters, from * k, count * k);
          let x = applyCrops(source, mine.crops);
          if (mine.jitter !== null) x = colourJitter(x, mine.jitter);
          if (mine.gray !== null) x = grayscale(x, mine.gray);
          if (mine.sigma !== null) x = blur(x, mine.sigma);
          for (let i = 0; i < c; i++)
            x.select(0, i)
              .sub_(mean[i]!)
              .mul_(1 / std[i]!);
          result.narrow(0, from * k, count * k).copy_(x.permute([1, 2, 3, 0]));
        });
      }
      return result.permute([0, 3, 1, 2]);
    }),
  );
}

/**
 * A chunk of small views is a thousand operators of some microseconds: on two threads most of the time is waiting for each other,
 * all of it where other programs want the cores as well. One thread makes more such views than a network takes.
 */
function onOneThread<T>(body: () => T): T {
  const threads = torch.getNumThreads();
  torch.setNumThreads(1);
  try {
    return torch.noGrad(body);
  } finally {
    torch.setNumThreads(threads);
  }
}

/** The parameters of some of the views. */
export const slice = (parameters: ViewParameters, from: number, count: number): ViewParameters =>
  each(parameters, (x) => x.narrow(0, from, count));

function each({ crops, jitter, gray, sigma }: ViewParameters, part: (x: Tensor) => Tensor): ViewParameters {
  return {
    crops: {
      top: part(crops.top),
      left: part(crops.left),
      height: part(crops.height),
      width: part(crops.width),
      flip: part(crops.flip),
    },
    jitter: jitter && { order: part(jitter.order), factors: part(jitter.factors) },
    gray: gray && part(gray),
    sigma: sigma && part(sigma),
  };
}

/** Images as they are, scaled and normalised: what evaluation sees. [N, 3, H, W] uint8 -> float32, channels-last. */
export function plainViews(images: Tensor, { mean, std }: Normalisation): Tensor {
  const channel = (values: readonly number[]) =>
    torch.tensor([...values], { device: images.device }).reshape([1, -1, 1, 1]);
  return torch.scope(() =>
    images.to({ dtype: 'float32', memoryFormat: 'channels_last' }).div_(255).sub_(channel(mean)).div_(channel(std)),
  );
}
