/** @file How fast a training goes, and how much of the time goes into making batches. */

/** Weight of the newest step. */
const SMOOTHING = 0.1;

export class Pace {
  #seconds = 0;
  #data = 0;
  #last = performance.now();
  #mark = 0;

  /** The batch begins to be made. */
  begin(): void {
    this.#mark = performance.now();
  }

  /** The batch is there. @returns nothing; the time counts as data time */
  batchReady(): void {
    this.#data = this.#blend(this.#data, (performance.now() - this.#mark) / 1000);
  }

  /** A step has ended. */
  end(): void {
    const now = performance.now();
    this.#seconds = this.#blend(this.#seconds, (now - this.#last) / 1000);
    this.#last = now;
  }

  #blend(old: number, fresh: number): number {
    return old === 0 ? fresh : old + SMOOTHING * (fresh - old);
  }

  get secondsPerStep(): number {
    return this.#seconds;
  }

  get dataShare(): number {
    return this.#seconds === 0 ? 0 : Math.min(1, this.#data / this.#seconds);
  }
}
