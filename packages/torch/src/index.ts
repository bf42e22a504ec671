/** @file libtorch for TypeScript. `await load()` once, then tensors, operators, autograd, nn, optim and io. */
export { type AutocastOptions, autocast, backward, enableGrad, grad, noGrad } from './autograd.js';
export type { TypedArray } from './bytes.js';
export { type Nested, type TensorOptions, tensor } from './creation.js';
export type { DType, MemoryFormat } from './dtype.js';
export { TORCH_ERRORS, TorchError, type TorchErrorCode } from './error.js';
export * from './functions.js';
export type { Ops, TensorOps } from './generated/ops.js';
export { op } from './invoke.js';
export { atomicWrite, writeAll } from './io/atomic.js';
export * as safetensors from './io/safetensors.js';
export { type LoadOptions, load } from './load.js';
export { ops } from './methods.js';
export * as nn from './nn/index.js';
export * as optim from './optim/index.js';
export { Generator, manualSeed } from './random.js';
export { buildInfo, getNumThreads, setDeterministic, setNumThreads } from './runtime.js';
export { keep, scope } from './scope.js';
export { liveBytes, liveTensors, Tensor } from './tensor.js';
