/** @file The views that the settings of a pre-training describe. */
import type { ViewPipeline } from '../augment/pipeline.js';
import { simclr } from '../augment/steps.js';
import type { PretrainConfig } from '../config/pretrain.js';

export const configuredViews = (config: PretrainConfig): ViewPipeline =>
  simclr({
    cropScale: [config.cropScaleMin, 1],
    flip: config.flip,
    jitter: {
      probability: config.jitter,
      brightness: config.brightness,
      contrast: config.contrast,
      saturation: config.saturation,
      hue: config.hue,
    },
    grayscale: config.grayscale,
    blur: config.blur,
  });
