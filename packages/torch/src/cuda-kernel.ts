/**
 * @file A kernel of one's own in CUDA C++, compiled by NVRTC when it is first used; no compiler of CUDA need be installed.
 * Source of the idea: cupy.RawKernel.
 */
import { unsafeOp } from './dispatch/invoke.js';
import type { Tensor } from './tensor.js';

export interface KernelShape {
  blocks: number;
  /** Of each block. */
  threads: number;
  /** Dynamic shared memory of each block. */
  sharedBytes?: number;
}

export interface KernelArguments {
  /** As pointers, in this order; dense, and all on one GPU. The kernel may write to them. */
  tensors: Tensor[];
  /** As `long long`, after the pointers. */
  integers?: (number | bigint)[];
  /** As `double`, after the integers. */
  numbers?: number[];
}

export class Kernel {
  readonly #source: string;
  readonly #name: string;
  readonly #exact: boolean;
  #id: number | null = null;

  /**
   * @param source CUDA C++ without includes @param name of an `extern "C" __global__` function in it
   * @param options exact: a product and a sum are two roundings, as on a CPU
   */
  constructor(source: string, name: string, { exact = false }: { exact?: boolean } = {}) {
    this.#source = source;
    this.#name = name;
    this.#exact = exact;
  }

  /** Asks the GPU's current stream for it. @throws TorchError OPERATOR with the compiler's words, UNKNOWN_OPERATOR without a GPU */
  launch(
    { blocks, threads, sharedBytes = 0 }: KernelShape,
    { tensors, integers = [], numbers = [] }: KernelArguments,
  ): void {
    this.#id ??= unsafeOp('twoview::compile', this.#source, this.#name, this.#exact) as number;
    unsafeOp('twoview::launch', this.#id, blocks, threads, sharedBytes, tensors, integers, numbers);
  }
}
