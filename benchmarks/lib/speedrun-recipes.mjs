/** @file Who takes part in the race, and with which settings; what a mark changes is its number of epochs. */

/** Chosen on 5,000 of the training images, docs/defaults.md. */
const twoview = {
  ...{ model: 'airbench', viewSizes: [16, 24, 32], batchSize: 256, temperature: 0.2, warmupEpochs: 0.5 },
  ...{ optimizer: 'muon', lr: 0.005 },
};
/** Views and loss as the poster has them; batch and rate as dkobak/simclr-cifar10 for its best run at 100 epochs. */
const published = { model: 'resnet18', batchSize: 256, temperature: 0.5, lr: 0.06 };
/** Warm-up of a tenth: the default of five epochs would be most of so short a run. */
const epochs = (count) => ({ epochs: count, warmupEpochs: count / 10 });

export const CONTENDERS = {
  twoview: { 57: { ...twoview, epochs: 4 }, 60: { ...twoview, epochs: 6 }, 65: { ...twoview, epochs: 12 } },
  'resnet18-half': {
    57: { ...published, stem: 'cifar-half', ...epochs(8) },
    60: { ...published, stem: 'cifar-half', ...epochs(12) },
  },
  resnet18: { 57: { ...published, stem: 'cifar', ...epochs(4) }, 65: { ...published, stem: 'cifar', ...epochs(8) } },
};
