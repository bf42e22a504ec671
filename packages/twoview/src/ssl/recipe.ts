/**
 * @file What `auto` means in the settings of a pre-training: the recipe that was measured with the network. docs/defaults.md has the
 * measurements.
 */
import type { ViewPipeline } from '../augment/pipeline.js';
import type { PretrainConfig } from '../config/pretrain.js';
import type { OptimizerSettings } from '../models/train-state.js';

export interface Recipe extends Pick<OptimizerSettings, 'optimizer'> {
  viewSizes: number[];
  warmupEpochs: number;
  /** `auto` is what the loss was published with. */
  temperature: PretrainConfig['temperature'];
}
/** Settings in which no `auto` is left that says what is computed. */
export type SuitedConfig = Omit<PretrainConfig, keyof Recipe> & Recipe;

/** Networks that were measured with Muon, growing views and a low temperature, in minutes of two cores. */
const QUICK = ['airbench', 'airbench_wide'];
/** Of the side of an image; a whole number of pixels that three poolings divide. */
const SHARES = [1 / 2, 3 / 4, 1];
const LEAST_SIDE = 16;

/** @param config with a network by name @param views of the training: only a crop can make smaller ones */
export function suitedTo(config: PretrainConfig, imageSize: number, views: ViewPipeline): SuitedConfig {
  const quick = QUICK.includes(config.model);
  const grow = quick && views.resizes && imageSize >= LEAST_SIDE;
  const { optimizer, viewSizes, warmupEpochs, temperature } = config;
  return {
    ...config,
    optimizer: optimizer === 'auto' ? (quick ? 'muon' : 'sgd') : optimizer,
    viewSizes:
      viewSizes === 'auto'
        ? grow
          ? [...new Set(SHARES.map((share) => 8 * Math.floor((imageSize * share) / 8)))]
          : []
        : viewSizes,
    warmupEpochs: warmupEpochs === 'auto' ? Math.min(5, config.epochs / 10) : warmupEpochs,
    temperature: temperature === 'auto' && quick && config.loss === 'nt-xent' ? 0.2 : temperature,
  };
}
