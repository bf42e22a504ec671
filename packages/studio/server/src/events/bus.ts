/**
 * @file What happened, to every open page, in one order. Each event has a number; the last ones are kept, so that a page whose
 * connection broke gets what it missed. Numbers begin at the time of the start, so that those of an earlier server are never reused.
 */
import type { StudioEvent } from '../api.js';

export interface Numbered {
  id: number;
  event: StudioEvent;
}

type Listener = (numbered: Numbered) => void;

/** Some minutes of a training that reports four times a second. */
const KEPT = 2048;

export class Bus {
  readonly #kept: Numbered[] = [];
  readonly #listeners = new Set<Listener>();
  readonly #first: number;
  #last: number;

  constructor(now = Date.now()) {
    this.#first = now;
    this.#last = now;
  }

  get last(): number {
    return this.#last;
  }

  /** Whether a page is open. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  emit(event: StudioEvent): void {
    const numbered = { id: ++this.#last, event };
    this.#kept.push(numbered);
    if (this.#kept.length > KEPT) this.#kept.shift();
    for (const listener of this.#listeners) listener(numbered);
  }

  /**
   * @param after the number of the last event that a page has
   * @returns those after it; null where some of them are not kept any more, or it is not of this server
   */
  since(after: number): Numbered[] | null {
    const oldest = this.#kept[0]?.id ?? this.#last + 1;
    const known = after >= this.#first && after <= this.#last;
    if (!known || after < oldest - 1) return null;
    return this.#kept.filter(({ id }) => id > after);
  }

  /** @returns what ends it */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
