/**
 * @file Tensors that nobody has any more, freed at once. Node frees them when it comes back to its event loop, and V8 collects
 * when its own heap grows: neither sees that a GPU is full.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { native } from './native.js';

let collect: (() => void) | null = null;

/** @returns how many tensors that were; 0 as well where the garbage collector cannot be called */
export function freeCollected(): number {
  collect ??= collector();
  collect();
  return native().sweep();
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('globalThis.gc');
  return typeof found === 'function' ? () => found() : () => {};
}
