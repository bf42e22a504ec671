/** @file Finds, builds where needed, and loads libtorch: once a thread, and before the first tensor. */
import { isMainThread } from 'node:worker_threads';
import { configure, type NativeCuda, openCompilers, setCuda } from './cuda.js';
import { installOperators } from './dispatch/methods.js';
import { cudaCompilers } from './engine/cuda.js';
import { loadEngine } from './engine/ready.js';
import { listenForCallbacks } from './function.js';
import { type Native, native, setNative } from './native.js';
import { setFlushDenormal, setNumThreads } from './runtime.js';

export interface LoadOptions {
  /** Threads of one operator; by default as many as libtorch finds cores. */
  threads?: number;
  /** See `setFlushDenormal`; false unless said otherwise. */
  flushDenormal?: boolean;
  /**
   * True keeps freed memory for good, as a program that alone has the machine may want. By default the process gives back,
   * within seconds, what no step wanted for three seconds.
   */
  keepMemory?: boolean;
}

/** One for all who call `load` before it is done: a second addon would give other tensors the same numbers. */
let loading: Promise<void> | null = null;

/**
 * Makes tensors usable. Importing the package does nothing; further calls, at the same time or later, only change settings.
 *
 * @throws TorchError with an ENGINE_ code; a later call tries again
 */
export async function load({ threads, flushDenormal, keepMemory }: LoadOptions = {}): Promise<void> {
  loading ??= loadOnce().catch((error) => {
    loading = null;
    throw error;
  });
  await loading;
  if (threads !== undefined) setNumThreads(threads);
  if (flushDenormal !== undefined) setFlushDenormal(flushDenormal);
  if (keepMemory !== undefined) native().keepMemory(keepMemory);
}

async function loadOnce(): Promise<void> {
  const { root, addon, cudaAddon, cuda } = await loadEngine();
  setNative(addon as Native);
  setCuda(cudaAddon as NativeCuda | null, cuda);
  if (cudaAddon !== null) {
    openCompilers(cudaAddon as NativeCuda, cudaCompilers(root));
    configure();
  }
  native().keepMemory(false);
  if (!isMainThread) native().drawApart();
  listenForCallbacks();
  installOperators();
}
