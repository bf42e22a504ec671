/** @file Random generators with a state of their own, and the default one. */
import { TorchError } from './error.js';
import { guarded, native } from './native.js';

const forgotten = new FinalizationRegistry<number>((id) => native().freeGenerator(id));

/** A stream of random numbers: the same seed on the same device gives the same numbers. */
export class Generator {
  readonly #id: number;
  readonly device: string;

  /** @param seed a non-negative safe integer */
  constructor(seed: number, device = 'cpu') {
    requireSeed(seed);
    this.device = device;
    this.#id = guarded('Generator', () => native().newGenerator(device, seed));
    forgotten.register(this, this.#id);
  }

  /** Starts the stream of another seed. */
  seed(seed: number): this {
    requireSeed(seed);
    native().seedGenerator(this.#id, seed);
    return this;
  }

  describe(): string {
    return `Generator(${this.device})`;
  }

  static idOf(generator: Generator): number {
    return generator.#id;
  }
}

/**
 * Seeds the default generators of all devices; in a worker thread, which has a default generator of its own, only that one.
 * Prefer a `Generator`: global state is easily disturbed.
 */
export function manualSeed(seed: number): void {
  requireSeed(seed);
  native().manualSeed(seed);
}

function requireSeed(seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new TorchError('ARGUMENT', `a seed must be a non-negative integer below 2^53, got ${seed}`);
  }
}
