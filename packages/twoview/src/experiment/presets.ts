/** @file Experiments with a name. A preset is a set of settings like any config file; flags come on top. */
import type { JobIo } from '../runs/events.js';
import { quickstartData } from './quickstart.js';

export interface Preset {
  about: string;
  /** Settings that depend on what is at hand; a --data flag leaves them out. */
  atHand?: (io: JobIo) => Promise<Record<string, unknown>>;
  settings: Record<string, unknown>;
}

export const PRESETS: Record<string, Preset> = {
  quickstart: {
    about: 'the poster in a few minutes on two cores: a small network, generated shapes or CIFAR-10',
    atHand: quickstartData,
    settings: {
      models: ['resnet10_narrow'],
      stem: 'cifar-half',
      fractions: [0.01, 0.1, 1],
      seeds: 3,
      pretrain: {
        ...{ epochs: 16, batchSize: 128, lr: 0.2, warmupEpochs: 0.5, temperature: 0.2, knnEvery: 4, k: 50 },
        ...{ brightness: 0.6, contrast: 0.6, saturation: 0.8, hue: 0.4, grayscale: 0.5 },
      },
      transfer: { epochs: 4 },
      finetune: { epochs: 6, minSteps: 150 },
    },
  },
};
