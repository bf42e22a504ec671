/**
 * @file The views of SimCLR: random resized crop, flip, colour jitter, grayscale and, if wanted, blur; every image with
 * parameters of its own, whole batches at once. Pipelines of other steps are in pipeline.ts. Source: Chen et al. 2020, arXiv 2002.05709, section 3 and appendix A.
 */

import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Draw } from '../runs/random.js';
import { blur } from './blur.js';
import { inChunks, type Normalisation, onOneThread } from './chunks.js';
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

/**
 * @param images [N, 3, S, S] uint8
 * @param parameters of N * k views: k for the first image, then k for the second, ...
 * @param side V, of the views
 * @returns [N * k, 3, V, V] float32, channels-last
 */
export function applyViews(
  images: Tensor,
  parameters: ViewParameters,
  normalisation: Normalisation,
  side: number = images.shape[3]!,
): Tensor {
  const views = parameters.crops.top.numel();
  return inChunks(images, { views, side }, normalisation, (source, from, count) => {
    const mine = slice(parameters, from, count);
    let x = applyCrops(source, mine.crops, side);
    if (mine.jitter !== null) x = colourJitter(x, mine.jitter);
    if (mine.gray !== null) x = grayscale(x, mine.gray);
    if (mine.sigma !== null) x = blur(x, mine.sigma);
    return x;
  });
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
