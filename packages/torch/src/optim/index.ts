/** @file Optimizers on libtorch's fused and foreach kernels, and schedules. */
export { Adam, type AdamOptions, AdamW } from './adam.js';
export { LARS, type LARSOptions } from './lars.js';
export { type LbfgsOptions, type LbfgsResult, lbfgs, type Objective } from './lbfgs.js';
export * as lrScheduler from './lr-scheduler.js';
export { Muon, type MuonOptions } from './muon.js';
export { decayGroups, Optimizer } from './optimizer.js';
export type { GivenGroup, ParameterGroup, Parameters } from './parameters.js';
export { type CosineOptions, cosineWithWarmup } from './schedule.js';
export { SGD, type SGDOptions } from './sgd.js';
