/** @file What the check uses of the engine: it needs no libtorch to be loaded. */
export { buildAddon, buildCuda } from '../../packages/torch/dist/src/engine/build.js';
export { chooseCuda } from '../../packages/torch/dist/src/engine/cuda.js';
export { ensureCudaHeaders } from '../../packages/torch/dist/src/engine/cuda-headers.js';
export { findLibtorch } from '../../packages/torch/dist/src/engine/find.js';
