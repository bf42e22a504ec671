/**
 * @file Learning rates that change from step to step. Source: torch/optim/lr_scheduler.py, the chainable form: each changes what it
 * finds in `optimizer.lr`, so that several can act on one optimizer. Momentum is never changed.
 */
import { TorchError } from '../error.js';
import type { Optimizer } from './optimizer.js';

export abstract class LRScheduler {
  /** The rate that the optimizer had at first. */
  readonly base: number;
  /** How many steps were taken. */
  steps = 0;

  constructor(readonly optimizer: Optimizer) {
    this.base = optimizer.lr;
  }

  /** @param lr as it is now, after `steps` - 1 steps @returns what it becomes */
  protected abstract next(lr: number): number;

  /** Call it after `optimizer.step()`, once a step or once an epoch, whichever the settings count. */
  step(): void {
    this.steps++;
    this.optimizer.lr = this.next(this.optimizer.lr);
  }

  stateDict(): { steps: number } {
    return { steps: this.steps };
  }

  /** Takes a saved position over; the optimizer's own `lr` is restored by whoever saved it. */
  loadStateDict({ steps }: { steps: number }): void {
    this.steps = steps;
  }
}

/** Times gamma every stepSize steps. */
export class StepLR extends LRScheduler {
  constructor(
    optimizer: Optimizer,
    readonly options: { stepSize: number; gamma?: number },
  ) {
    super(optimizer);
  }

  protected next(lr: number): number {
    return this.steps % this.options.stepSize === 0 ? lr * (this.options.gamma ?? 0.1) : lr;
  }
}

/** Times gamma at each milestone. */
export class MultiStepLR extends LRScheduler {
  constructor(
    optimizer: Optimizer,
    readonly options: { milestones: readonly number[]; gamma?: number },
  ) {
    super(optimizer);
  }

  protected next(lr: number): number {
    const met = this.options.milestones.filter((milestone) => milestone === this.steps).length;
    return lr * (this.options.gamma ?? 0.1) ** met;
  }
}

/** Times gamma at each step. */
export class ExponentialLR extends LRScheduler {
  constructor(
    optimizer: Optimizer,
    readonly options: { gamma: number },
  ) {
    super(optimizer);
  }

  protected next(lr: number): number {
    return lr * this.options.gamma;
  }
}

/** base times a function of the number of steps. */
export class LambdaLR extends LRScheduler {
  constructor(
    optimizer: Optimizer,
    readonly factor: (steps: number) => number,
  ) {
    super(optimizer);
    optimizer.lr = this.base * factor(0);
  }

  protected next(): number {
    return this.base * this.factor(this.steps);
  }
}

/** From startFactor to endFactor times the rate, over totalIters steps: a warm-up. */
export class LinearLR extends LRScheduler {
  readonly #options: { startFactor: number; endFactor: number; totalIters: number };

  constructor(
    optimizer: Optimizer,
    {
      startFactor = 1 / 3,
      endFactor = 1,
      totalIters = 5,
    }: { startFactor?: number; endFactor?: number; totalIters?: number } = {},
  ) {
    super(optimizer);
    this.#options = { startFactor, endFactor, totalIters };
    optimizer.lr *= startFactor;
  }

  protected next(lr: number): number {
    const { startFactor, endFactor, totalIters } = this.#options;
    if (this.steps > totalIters) return lr;
    const rise = endFactor - startFactor;
    return lr * (1 + rise / (totalIters * startFactor + (this.steps - 1) * rise));
  }
}

/** Half a cosine down to etaMin over tMax steps, and up again. */
export class CosineAnnealingLR extends LRScheduler {
  constructor(
    optimizer: Optimizer,
    readonly options: { tMax: number; etaMin?: number },
  ) {
    super(optimizer);
  }

  protected next(lr: number): number {
    const { tMax, etaMin = 0 } = this.options;
    const height = (steps: number) => 1 + Math.cos((Math.PI * steps) / tMax);
    if ((this.steps - 1 - tMax) % (2 * tMax) === 0) {
      return lr + ((this.base - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2;
    }
    return (height(this.steps) / height(this.steps - 1)) * (lr - etaMin) + etaMin;
  }
}

export interface OneCycleOptions {
  maxLr: number;
  totalSteps: number;
  /** Share of the steps in which the rate rises. */
  pctStart?: number;
  annealStrategy?: 'cos' | 'linear';
  /** maxLr over the first rate. */
  divFactor?: number;
  /** The first rate over the last. */
  finalDivFactor?: number;
  /** Whether it falls to the first rate as it rose, and then further. */
  threePhase?: boolean;
}

/** Up, then down to nearly nothing: Smith and Topin 2017, arXiv 1708.07120. As with cycle_momentum=False. */
export class OneCycleLR extends LRScheduler {
  readonly #phases: readonly { end: number; from: number; to: number }[];
  readonly #cosine: boolean;
  readonly #total: number;

  constructor(optimizer: Optimizer, options: OneCycleOptions) {
    super(optimizer);
    const { maxLr, totalSteps, pctStart = 0.3, annealStrategy = 'cos', divFactor = 25, finalDivFactor = 1e4 } = options;
    const [first, top] = [maxLr / divFactor, pctStart * totalSteps - 1];
    const last = { end: totalSteps - 1, to: first / finalDivFactor };
    this.#phases = options.threePhase
      ? [
          { end: top, from: first, to: maxLr },
          { end: 2 * pctStart * totalSteps - 2, from: maxLr, to: first },
          { ...last, from: first },
        ]
      : [
          { end: top, from: first, to: maxLr },
          { ...last, from: maxLr },
        ];
    this.#cosine = annealStrategy === 'cos';
    this.#total = totalSteps;
    optimizer.lr = this.#at(0);
  }

  #at(step: number): number {
    let start = 0;
    for (const { end, from, to } of this.#phases) {
      if (step <= end || end === this.#total - 1) {
        const share = (step - start) / (end - start);
        return this.#cosine ? to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share)) : from + (to - from) * share;
      }
      start = end;
    }
    return Number.NaN;
  }

  protected next(): number {
    if (this.steps < this.#total) return this.#at(this.steps);
    throw new TorchError('ARGUMENT', `this cycle has ${this.#total} steps, and was asked for one more`, {
      next: ['give totalSteps as epochs times steps of an epoch'],
    });
  }
}

export interface PlateauOptions {
  mode?: 'min' | 'max';
  factor?: number;
  /** Steps without progress that are borne. */
  patience?: number;
  /** How much better counts as progress, as a share of the best or absolute. */
  threshold?: number;
  thresholdMode?: 'rel' | 'abs';
  /** Steps after a change in which nothing is counted. */
  cooldown?: number;
  minLr?: number;
}

/** Times a factor when what is measured has stopped to get better. */
export class ReduceLROnPlateau {
  readonly #options: Required<PlateauOptions>;
  #best: number;
  #bad = 0;
  #resting = 0;

  constructor(
    readonly optimizer: Optimizer,
    options: PlateauOptions = {},
  ) {
    const defaults = {
      mode: 'min',
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: 'rel',
      cooldown: 0,
      minLr: 0,
    } as const;
    this.#options = { ...defaults, ...options };
    this.#best = this.#options.mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  step(metric: number): void {
    const { factor, patience, cooldown, minLr } = this.#options;
    if (this.#isBetter(metric)) {
      this.#best = metric;
      this.#bad = 0;
    } else this.#bad++;
    if (this.#resting > 0) {
      this.#resting--;
      this.#bad = 0;
    }
    if (this.#bad <= patience) return;
    const lower = Math.max(this.optimizer.lr * factor, minLr);
    if (this.optimizer.lr - lower > 1e-8) this.optimizer.lr = lower;
    this.#resting = cooldown;
    this.#bad = 0;
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const sign = mode === 'min' ? -1 : 1;
    const bar = thresholdMode === 'rel' ? this.#best * (1 + sign * threshold) : this.#best + sign * threshold;
    return mode === 'min' ? metric < bar : metric > bar;
  }
}

/** Several at once: each step, each of them. */
export class ChainedScheduler {
  constructor(readonly schedulers: readonly LRScheduler[]) {}

  step(): void {
    for (const scheduler of this.schedulers) scheduler.step();
  }
}
