/** @file How fast a training goes, how much of the time goes into making batches, and the event that says so. */
import type { ProgressEvent } from './events.js';

/** Weight of the newest step. */
const SMOOTHING = 0.1;
/** A step counts for no more than so many usual ones: one that held a checkpoint or kNN, or that the machine slept through, says little. */
const MOST = 3;

/** A step that was just done. */
export interface DoneStep {
  /** Steps done, this one included. */
  step: number;
  stepsPerEpoch: number;
  totalSteps: number;
  loss: number;
  lr: number;
  /** Images, or views, of the step. */
  images: number;
}

export class Pace {
  #steps = 0;
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
    this.#steps++;
    const seconds = (now - this.#last) / 1000;
    this.#seconds = this.#blend(this.#seconds, seconds, MOST * this.#seconds);
    this.#last = now;
  }

  /** The first step prepares kernels and memory; it counts until there is a second one. */
  #blend(old: number, fresh: number, most = Infinity): number {
    return this.#steps <= 2 ? fresh : old + SMOOTHING * (Math.min(fresh, most) - old);
  }

  get secondsPerStep(): number {
    return this.#seconds;
  }

  /** What the step has to say, counted from 1. */
  event(phase: string, { step, stepsPerEpoch, totalSteps, loss, lr, images }: DoneStep): ProgressEvent {
    return {
      type: 'step',
      phase,
      epoch: Math.ceil(step / stepsPerEpoch),
      epochs: Math.ceil(totalSteps / stepsPerEpoch),
      step: ((step - 1) % stepsPerEpoch) + 1,
      steps: stepsPerEpoch,
      loss,
      lr,
      imagesPerSecond: images / this.#seconds,
      dataShare: this.dataShare,
      etaSeconds: (totalSteps - step) * this.#seconds,
    };
  }

  get dataShare(): number {
    return this.#seconds === 0 ? 0 : Math.min(1, this.#data / this.#seconds);
  }
}
