/**
 * @file When tensors are freed. Inside `scope`, all that was made and is not returned is freed at its end, so that formulas
 * stay formulas and memory stays flat. Tensors made outside any scope wait for `dispose()`, `using`, or the garbage collector.
 */
import { TorchError } from './error.js';
import { native } from './native.js';

/** What a scope needs to know of a tensor. */
export interface Tracked {
  /** Gives up the number by which the addon knows the tensor; 0 when it is disposed already. */
  release(): number;
  kept: boolean;
  /** Leaves it to the garbage collector from now on. */
  watch(): void;
}

let current: Tracked[] | null = null;

/** A new tensor reports itself here. What a scope holds cannot be collected, so only the others are watched: that costs. */
export function track(tensor: Tracked): void {
  if (current !== null) current.push(tensor);
  else tensor.watch();
}

/** Takes a tensor (or all in a list or an object) out of every scope: its maker frees it, or the garbage collector does. */
export function keep<T>(value: T): T {
  visit(value, (tensor) => {
    if (!tensor.kept) tensor.watch();
    tensor.kept = true;
  });
  return value;
}

/**
 * Runs `body` and frees every tensor made inside that is not part of the returned value: a tensor, or lists, Maps,
 * Sets and objects with tensors, nested as one likes; private fields (#x) are not seen, `keep` is for these. What is returned belongs to the scope around, if there is one.
 *
 * @throws TorchError ASYNC_SCOPE if body is asynchronous: its tensors would be freed before it has run
 */
export function scope<T>(body: () => T): T {
  const outer = current;
  const made: Tracked[] = [];
  current = made;
  const returned = new Set<Tracked>();
  try {
    const value = body();
    if (value instanceof Promise) {
      value.catch(() => {}); // its tensors are gone below; the error that counts is ours
      throw new TorchError('ASYNC_SCOPE', 'the body of torch.scope must not be asynchronous', {
        next: ['use a scope around each synchronous piece, or `using` for single tensors'],
      });
    }
    visit(value, (tensor) => returned.add(tensor));
    return value;
  } finally {
    current = outer;
    const dead: number[] = [];
    for (const tensor of made) {
      if (tensor.kept) continue;
      if (returned.has(tensor)) {
        if (outer !== null) outer.push(tensor);
        else tensor.watch();
      } else {
        const id = tensor.release();
        if (id !== 0) dead.push(id);
      }
    }
    if (dead.length > 0) native().free(dead);
  }
}

function isTracked(value: object): value is Tracked {
  return 'release' in value && 'kept' in value;
}

/** Lists, Maps, Sets and what objects have, instances of classes included. @param seen one that holds itself is entered once */
function visit(value: unknown, found: (tensor: Tracked) => void, seen = new Set<object>()): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  if (isTracked(value)) found(value);
  if (isTracked(value) || seen.has(value)) return;
  seen.add(value);
  if (Array.isArray(value) || value instanceof Set) for (const item of value) visit(item, found, seen);
  else if (value instanceof Map) for (const entry of value) for (const item of entry) visit(item, found, seen);
  else for (const item of Object.values(value)) visit(item, found, seen);
}
