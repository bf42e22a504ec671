/** @file Finds, builds where needed, and loads libtorch: once a thread, and before the first tensor. */
import { configure, type NativeCuda, openCompilers, setCuda } from './cuda.js';
import { cudaCompilers } from './engine/cuda.js';
import { loadEngine } from './engine/index.js';
import { installOperators } from './methods.js';
import { isLoaded, type Native, native, setNative } from './native.js';
import { setNumThreads } from './runtime.js';

export interface LoadOptions {
  /** Threads of one operator; by default as many as libtorch finds cores. */
  threads?: number;
}

/** Makes tensors usable. Importing the package does nothing; a second call only sets the threads. */
export async function load({ threads }: LoadOptions = {}): Promise<void> {
  if (!isLoaded()) {
    const { root, addon, cudaAddon, cuda } = await loadEngine();
    setNative(addon as Native);
    setCuda(cudaAddon as NativeCuda | null, cuda);
    if (cudaAddon !== null) {
      openCompilers(cudaAddon as NativeCuda, cudaCompilers(root));
      configure();
    }
    // Weights that decay towards zero would otherwise slow convolutions down in the middle of a training.
    native().flushDenormals(true);
    native().keepMemory();
    installOperators();
  }
  if (threads !== undefined) setNumThreads(threads);
}
