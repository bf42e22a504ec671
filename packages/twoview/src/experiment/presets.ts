/** @file Experiments with a name. A preset is a set of settings like any config file; flags come on top. */
import { ARMS } from '../config/compare.js';
import type { JobIo } from '../runs/events.js';
import { quickstartData } from './quickstart.js';

export interface Preset {
  about: string;
  /** Settings that depend on what is at hand; a --data flag leaves them out. */
  atHand?: (io: JobIo) => Promise<Record<string, unknown>>;
  settings: Record<string, unknown>;
}

const NETWORKS = ['rexnet_150', 'resnet34', 'resnet50'];
/** The poster's grid. */
const GRID = { models: NETWORKS, fractions: [0.01, 0.1, 1], seeds: 3 };

export const PRESETS: Record<string, Preset> = {
  quickstart: {
    about: 'all three arms in a few minutes on two cores: a small network, generated shapes or CIFAR-10',
    atHand: quickstartData,
    settings: {
      models: ['resnet10_narrow'],
      arms: ARMS,
      stem: 'cifar-half',
      fractions: [0.01, 0.1, 1],
      seeds: 3,
      pretrain: {
        ...{ epochs: 16, batchSize: 128, lr: 0.2, warmupEpochs: 0.5, temperature: 0.2, knnEvery: 4, k: 50 },
        ...{ brightness: 0.6, contrast: 0.6, saturation: 0.8, hue: 0.4, grayscale: 0.5 },
      },
      transfer: { epochs: 4 },
      finetune: { epochs: 6, minSteps: 150, lr: 0.1 },
    },
  },
  'cpu-small': {
    about: 'the three networks of poster in some hours on two cores, with the stem imagenet; needs --transfer-data',
    // At equal time this stem learns more than the larger maps of cifar-half: docs/defaults.md.
    settings: {
      ...{ data: 'cifar10', stem: 'imagenet', ...GRID, arms: ARMS },
      pretrain: { epochs: 8, batchSize: 256, temperature: 0.2, warmupEpochs: 0.5 },
      transfer: { epochs: 2, optimizer: 'adamw', lr: 3e-3 },
      finetune: { epochs: 3, minSteps: 300, optimizer: 'adamw', lr: 3e-3 },
      // At 0.003 ResNet-50 forgets what SimCLR taught it: docs/defaults.md.
      exceptions: [{ arms: ['semi-supervised'], finetune: { lr: 1e-3 } }],
    },
  },
  poster: {
    about:
      'the published experiment: three networks, 500 epochs of CIFAR-10, ImageNet weights for the transfer arm; for a GPU',
    // Optimizer, batch and views are those of the code that the poster names (leftthomas/SimCLR), which does not anneal.
    settings: {
      ...{ data: 'cifar10', stem: 'cifar', transferWeights: 'imagenet', ...GRID },
      pretrain: {
        ...{ epochs: 500, batchSize: 512, temperature: 0.5, optimizer: 'adam', lr: 1e-3, weightDecay: 1e-6 },
        ...{ schedule: 'constant', warmupEpochs: 0, cropScaleMin: 0.08, heldOut: 0, k: 200 },
      },
      finetune: { epochs: 100, minSteps: 1000 },
    },
  },
  'poster-best': {
    about: 'the same with the best published recipe for small images; for a GPU',
    // Pre-training: dkobak/simclr-cifar10.
    settings: {
      ...{ data: 'cifar10', stem: 'cifar', transferWeights: 'imagenet', ...GRID, arms: ARMS },
      pretrain: {
        ...{ epochs: 1000, batchSize: 512, temperature: 0.5, lr: 0.06, weightDecay: 5e-4, warmupEpochs: 10 },
        ...{ cropScaleMin: 0.2, grayscale: 0.1, knnEvery: 50 },
      },
      finetune: { epochs: 200, minSteps: 2000 },
    },
  },
};
