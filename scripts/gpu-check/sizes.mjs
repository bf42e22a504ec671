/** @file How large everything is: on a GPU what the product does there, in a rehearsal on a CPU the same in about a minute. */

/** The views of the poster: its code's own strengths, and blur so that it is checked as well. */
export const VIEWS = {
  cropScale: [0.2, 1],
  flip: 0.5,
  jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
  grayscale: 0.2,
  blur: 0.5,
};

export const FULL = {
  model: 'resnet18',
  compared: { images: 64 },
  knn: { bank: 8000, queries: 1000, d: 512, k: 200 },
  speed: { batch: 512, warmup: 5, seconds: 20 },
  networks: {
    ...{ models: ['resnet18', 'resnet34', 'resnet50', 'rexnet_150'], batch: 512, steps: 30 },
    ...{ seconds: 8, compile: true }, // of PyTorch's
  },
  train: { batchSize: 512, heldOut: 1000, k: 200, limit: 0, leastEpochs: 1 },
};

export const REHEARSAL = {
  model: 'resnet10_narrow',
  compared: { images: 8 },
  knn: { bank: 400, queries: 50, d: 32, k: 20 },
  speed: { batch: 16, warmup: 1, seconds: 1 },
  networks: { models: ['resnet10_narrow'], batch: 8, steps: 2, seconds: 1, compile: false },
  train: { batchSize: 32, heldOut: 50, k: 20, limit: 256, leastEpochs: 1 },
};
