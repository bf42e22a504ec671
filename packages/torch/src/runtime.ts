/** @file Settings of the loaded library as a whole. */
import { type BuildInfo, guarded, native } from './native.js';

/** Threads of one operator. */
export function setNumThreads(count: number): void {
  guarded('setNumThreads', () => native().setNumThreads(count));
}

export function getNumThreads(): number {
  return native().getNumThreads();
}

/** What libtorch says of its own build and of the processor. */
export function buildInfo(): BuildInfo {
  return native().buildInfo();
}

/** Prefers operators that give the same bits in every run; libtorch warns where there is none. */
export function setDeterministic(on: boolean): void {
  native().setDeterministic(on);
}

/** Gives memory that was freed back to the system. Takes milliseconds: for the end of an epoch, not of a step. */
export function trimMemory(): void {
  native().trimMemory();
}
