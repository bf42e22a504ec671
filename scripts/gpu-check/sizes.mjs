/** @file How large everything is: on a GPU what the product does there, in a dry run on a CPU the same in a minute or two. */

/** The views of the poster: its code's own strengths, and blur so that it is checked as well. */
export const VIEWS = {
  cropScale: [0.2, 1],
  flip: 0.5,
  jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
  grayscale: 0.2,
  blur: 0.5,
};

export const NORMALISATION = { mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] };

export const FULL = {
  model: 'resnet18',
  atOnce: 9,
  compared: { images: 32 },
  knn: { bank: 8000, queries: 1000, d: 512, k: 200 },
  resume: { batchSize: 512, limit: 5120, killAfter: 8 }, // two epochs of 10 steps
  speed: { batchSize: 512, warmup: 10, seconds: 8 },
  breakdown: { batchSize: 512, warmup: 5, steps: 20, profiled: 3 },
  syncs: { batchSize: 512, warmup: 5, steps: 10 },
  memory: { batchSize: 128, steps: 300, every: 25, settled: 100 },
  peaks: { side: 8192, maps: [512, 256, 32, 32], copied: 2 ** 30, launches: 10, repeats: 3 },
  compareKernels: ['resnet18', 'resnet50', 'rexnet_150'],
  networks: { models: ['resnet18', 'resnet50', 'resnet34', 'rexnet_150'], batchSize: 512, warmup: 6, seconds: 3 },
  peer: { batch: 512, seconds: 4, compile: true },
  train: { batchSize: 512, k: [10, 200], limit: 0, timing: 8 },
};

export const DRY_RUN = {
  model: 'resnet10_narrow',
  atOnce: 2,
  compared: { images: 8 },
  knn: { bank: 400, queries: 50, d: 32, k: 20 },
  resume: { batchSize: 16, limit: 160, killAfter: 8 },
  speed: { batchSize: 16, warmup: 2, seconds: 1 },
  breakdown: { batchSize: 16, warmup: 1, steps: 2, profiled: 1 },
  syncs: { batchSize: 16, warmup: 1, steps: 2 },
  memory: { batchSize: 16, steps: 40, every: 10, settled: 20 },
  peaks: { side: 256, maps: [2, 256, 8, 8], copied: 2 ** 22, launches: 2, repeats: 2 },
  compareKernels: ['resnet10_narrow'],
  networks: { models: ['resnet10_narrow', 'rexnet_150'], batchSize: 8, warmup: 1, seconds: 1 },
  peer: { batch: 8, seconds: 1, compile: false },
  train: { batchSize: 32, k: [10, 20], limit: 256, timing: 1 },
};
