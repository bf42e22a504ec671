/** @file Settings of the loaded library as a whole. */
import { TorchError } from './error.js';
import { type BuildInfo, guarded, native } from './native.js';

/** More than any machine has cores; so many more that the system refused them would end the process. */
const MOST_THREADS = 1024;

/** Threads of one operator. @throws TorchError ARGUMENT unless count is an integer from 1 to 1024 */
export function setNumThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > MOST_THREADS) {
    throw new TorchError(
      'ARGUMENT',
      `the number of threads must be an integer from 1 to ${MOST_THREADS}, got ${count}`,
    );
  }
  guarded('setNumThreads', () => native().setNumThreads(count));
}

export function getNumThreads(): number {
  return native().getNumThreads();
}

/** Runs `body` with so many threads for each operator; afterwards the number is what it was. @throws TorchError ARGUMENT as `setNumThreads` */
export function withThreads<T>(count: number, body: () => T): T {
  const before = getNumThreads();
  setNumThreads(count);
  try {
    return body();
  } finally {
    setNumThreads(before);
  }
}

/** What libtorch says of its own build and of the processor. */
export function buildInfo(): BuildInfo {
  return native().buildInfo();
}

/** Prefers operators that give the same bits in every run; libtorch warns where there is none. */
export function setDeterministic(on: boolean): void {
  native().setDeterministic(on);
}

/**
 * Whether subnormal numbers (float32 below 1.2e-38) count as zeros while libtorch computes. Weights that decay towards zero
 * otherwise slow convolutions down a hundredfold in the middle of a training. JavaScript's own arithmetic is never changed.
 * As torch.set_flush_denormal, and off by default.
 *
 * @returns whether the processor can do it
 */
export function setFlushDenormal(on: boolean): boolean {
  return native().flushDenormal(on);
}

/** Gives memory that was freed back to the system. Takes milliseconds: for the end of an epoch, not of a step. */
export function trimMemory(): void {
  native().trimMemory();
}
