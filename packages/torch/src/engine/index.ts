/** @file `@twoview/torch/engine`: making the engine ready, and what else downloads or must not happen twice at once. */
export { findCudaHeaders, installCudaHeaders } from './cuda-headers.js';
export { type DoctorReport, doctorReport, formatDoctor } from './doctor.js';
export { type DownloadOptions, download } from './download.js';
export { withLock } from './lock.js';
export { type SetupLog, stderrLog } from './log.js';
export { cacheRoot } from './paths.js';
export { type Engine, ensureEngine, loadEngine, type ReadyEngine } from './ready.js';
