/** @file The views that the settings of a training with labels describe. */
import type { ViewPipeline } from '../augment/pipeline.js';
import { colourJitter, compose, cutout, flip, randAugment, randomResizedCrop, translate } from '../augment/steps.js';
import type { ClassifierConfig } from '../config/finetune.js';

type LabelledViews = Pick<
  ClassifierConfig,
  'cropScaleMin' | 'flip' | 'translate' | 'jitter' | 'randAugment' | 'cutout'
>;

/** Crops and mirror images, as in SimCLR's fine-tuning (arXiv 2002.05709, appendix B.5), and what else is asked for. */
export const labelledViews = (config: LabelledViews): ViewPipeline =>
  compose(
    randomResizedCrop({ scale: [config.cropScaleMin, 1] }),
    flip(config.flip),
    ...(config.translate > 0 ? [translate(config.translate)] : []),
    ...(config.jitter > 0 ? [colourJitter({ p: config.jitter })] : []),
    ...(config.randAugment > 0 ? [randAugment({ operations: config.randAugment })] : []),
    ...(config.cutout > 0 ? [cutout(config.cutout)] : []),
  );
