/**
 * @file Which picture is drawn next: the one that was asked for last, since that is what is on the screen while someone scrolls; what
 * scrolled away before its turn is not drawn.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '../refusal.js';

/** Milliseconds between two looks whether something is drawn. */
const LOOK = 25;

interface Waiting<Value> {
  draw(): Promise<Value>;
  signal: AbortSignal;
  resolve(value: Value): void;
  reject(error: unknown): void;
}

export class PictureQueue<Value> {
  readonly #waiting: Waiting<Value>[] = [];
  #going = 0;

  /** @param together pictures that are drawn at once */
  constructor(readonly together: number) {}

  /** @throws Refusal NOT_READY where nobody waits for it any more */
  add(draw: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ draw, signal, resolve, reject });
      this.#next();
    });
  }

  /** Ends when nothing was drawn for `quiet` milliseconds, after `most` at last, and when `signal` says so. */
  async untilQuiet({ quiet, most, signal }: { quiet: number; most: number; signal: AbortSignal }): Promise<void> {
    const began = performance.now();
    let drawn = began;
    while (!signal.aborted && performance.now() - began < most && performance.now() - drawn < quiet) {
      await sleep(LOOK);
      if (this.#going > 0) drawn = performance.now();
    }
  }

  #next(): void {
    while (this.#going < this.together) {
      const one = this.#waiting.pop();
      if (one === undefined) return;
      if (one.signal.aborted) {
        one.reject(new Refusal('NOT_READY', 'nobody waits for this picture any more'));
        continue;
      }
      this.#going++;
      one
        .draw()
        .then(one.resolve, one.reject)
        .finally(() => {
          this.#going--;
          this.#next();
        });
    }
  }
}
