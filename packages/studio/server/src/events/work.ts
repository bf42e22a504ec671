/** @file What is going on in child processes, for the page: with progress, at most four times a second. */
import type { Work } from '../api.js';
import type { Bus } from './bus.js';

const EVERY_MS = 250;

export class WorkList {
  readonly #bus: Bus;
  readonly #going = new Map<string, Work>();

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  get all(): Work[] {
    return [...this.#going.values()];
  }

  /** Does it, and says so. */
  async during<Result>(
    work: Omit<Work, 'done' | 'total'>,
    act: (tell: (done: number, total: number, text?: string) => void) => Promise<Result>,
  ): Promise<Result> {
    const one: Work = { ...work, done: 0, total: 0 };
    let said = 0;
    this.#going.set(one.id, one);
    this.#bus.emit({ type: 'work', work: { ...one }, state: 'started' });
    const tell = (done: number, total: number, text = one.text) => {
      Object.assign(one, { done, total, text });
      if (Date.now() - said < EVERY_MS) return;
      said = Date.now();
      this.#bus.emit({ type: 'work', work: { ...one }, state: 'going' });
    };
    let state: 'done' | 'failed' = 'failed';
    try {
      const result = await act(tell);
      state = 'done';
      return result;
    } finally {
      this.#going.delete(one.id);
      this.#bus.emit({ type: 'work', work: { ...one }, state });
    }
  }
}
