/** @file What the check uses of the built packages, by file, so that the packer carries these files and no others. */

export * as torch from '../../packages/torch/dist/src/index.js';
export { applyViews, sampleViews } from '../../packages/twoview/dist/src/augment/views.js';
export { suitsGpu, viewsOnGpu } from '../../packages/twoview/dist/src/augment/views-on-gpu.js';
export { parseConfig } from '../../packages/twoview/dist/src/config/parse.js';
export { pretrainSchema } from '../../packages/twoview/dist/src/config/pretrain.js';
export { openImages } from '../../packages/twoview/dist/src/data/open-images.js';
export { knn } from '../../packages/twoview/dist/src/evaluate/knn.js';
export * as library from '../../packages/twoview/dist/src/index.js';
export { ntXent } from '../../packages/twoview/dist/src/losses/nt-xent.js';
export { compute } from '../../packages/twoview/dist/src/models/compute.js';
export { createModel } from '../../packages/twoview/dist/src/models/create-model.js';
export { multiplyAdds } from '../../packages/twoview/dist/src/models/multiply-adds.js';
export { createOptimizer } from '../../packages/twoview/dist/src/models/train-state.js';
export { draws, streamKey } from '../../packages/twoview/dist/src/runs/random.js';
export { health } from '../../packages/twoview/dist/src/ssl/health.js';
export { pretrainSimclr } from '../../packages/twoview/dist/src/ssl/pretrain.js';
export { projectionHead } from '../../packages/twoview/dist/src/ssl/projection-head.js';
