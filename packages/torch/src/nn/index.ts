/** @file Layers, with PyTorch's names, keys and initialisation. */
export * from './activations.js';
export { Conv2d, type Conv2dOptions } from './conv.js';
export * as init from './init.js';
export { Linear } from './linear.js';
export { type LoadReport, Module, type StateDict } from './module.js';
export { BatchNorm, BatchNorm1d, BatchNorm2d, type BatchNormOptions, type Then } from './norm.js';
export * from './pooling.js';
export { inTurn, Sequential } from './sequential.js';
