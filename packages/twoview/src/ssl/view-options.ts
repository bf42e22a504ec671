/** @file The views that the settings describe. */
import type { ViewOptions } from '../augment/views.js';
import type { PretrainConfig } from '../config/pretrain.js';

export function viewOptions(c: PretrainConfig): ViewOptions {
  return {
    cropScale: [c.cropScaleMin, 1],
    flip: c.flip,
    jitter: {
      probability: c.jitter,
      brightness: c.brightness,
      contrast: c.contrast,
      saturation: c.saturation,
      hue: c.hue,
    },
    grayscale: c.grayscale,
    blur: c.blur,
  };
}
