/** @file libtorch for TypeScript. `await load()` once, then tensors, operators, autograd, nn, optim and io. */
export { type AutocastOptions, autocast, backward, enableGrad, grad, isGradEnabled, noGrad } from './autograd.js';
export * as autograd from './autograd-index.js';
export type { TypedArray } from './bytes.js';
export { full, type Nested, type TensorOptions, tensor } from './creation.js';
export * as cuda from './cuda.js';
export {
  crossEntropy,
  einsum,
  empty,
  eye,
  isTensor,
  normalize,
  ones,
  rand,
  randint,
  randn,
  randperm,
  zeros,
} from './dispatch/functions.js';
export { op, unsafeOp } from './dispatch/invoke.js';
export { ops } from './dispatch/methods.js';
export * as distributed from './distributed/index.js';
export type { DType, MemoryFormat } from './dtype.js';
export { TORCH_ERRORS, TorchError, type TorchErrorCode } from './error.js';
export * from './generated/functions.js';
export type { Ops, TensorOps } from './generated/ops.js';
export { type Index, Slice } from './indexing.js';
export { atomicWrite, writeAll } from './io/atomic.js';
export { fileError } from './io/file-error.js';
export { willNeed } from './io/mapping.js';
export { NumpyArray, unpickleNumpy } from './io/pth/numpy.js';
export * as pth from './io/pth/pth.js';
export * as safetensors from './io/safetensors.js';
export { type LoadOptions, load } from './load.js';
export * as nn from './nn/index.js';
export * as optim from './optim/index.js';
export { type OperatorTime, profile } from './profile.js';
export { Generator, manualSeed } from './random.js';
export {
  buildInfo,
  getNumThreads,
  setDeterministic,
  setFlushDenormal,
  setNumThreads,
  trimMemory,
  withThreads,
} from './runtime.js';
export { keep, scope } from './scope.js';
export { liveBytes, liveTensors, Tensor } from './tensor.js';
