/** @file Which images each step of a pre-training sees, and their views. */
import type { Tensor } from '@twoview/torch';
import { type SideAt, stepsBySide, viewSides } from '../augment/view-sizes.js';
import { type BatchSource, batchSource } from '../data/batch-source.js';
import { EpochOrder } from '../data/epoch-order.js';
import { heldOutIndices } from '../data/indices.js';
import { TwoviewError } from '../errors.js';
import type { JobIo } from '../runs/events.js';
import { type BatchViews, batchViews, expectBatch, ownPart } from './batch-views.js';
import type { Pretraining } from './pretraining.js';

export interface Batch {
  views: BatchViews;
  /** [N] of this process's images; null where the loss asks for none. */
  labels: Tensor | null;
}

export class Batches implements Disposable {
  /** Training images that are trained on, and those that kNN is tested on. */
  readonly trained: readonly number[];
  readonly heldOut: readonly number[];
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly #training: Pretraining;
  readonly #source: BatchSource;
  readonly #order: EpochOrder;
  readonly #sideAt: SideAt;

  /** @throws TwoviewError BATCH_TOO_LARGE */
  constructor(training: Pretraining, { onEvent }: JobIo) {
    const { config, set, compute } = training;
    const { batchSize, seed, epochs } = config;
    const heldOut = heldOutIndices(set.train, config.heldOut, seed);
    this.trained = heldOut.rest(config.limit);
    this.heldOut = heldOut.indices;
    this.#training = training;
    this.#source = batchSource(set.train, compute.device);
    this.#order = new EpochOrder(this.trained, batchSize, seed, this.#source.indexDevice);
    this.stepsPerEpoch = this.#order.stepsPerEpoch;
    this.totalSteps = this.stepsPerEpoch * epochs;
    this.#sideAt = viewSides(config.viewSizes, { imageSize: set.imageSize, totalSteps: this.totalSteps });
    if (this.stepsPerEpoch > 0) {
      if (this.#source.note !== null) onEvent?.({ type: 'note', text: this.#source.note });
      return;
    }
    this[Symbol.dispose]();
    throw batchTooLarge(batchSize, this.trained.length);
  }

  /** Call it in a scope, which the batch cannot outlive. The images of the next step are read meanwhile. */
  at(step: number): Batch {
    const indices = this.#order.batch(step); // [N], of all processes
    const views = batchViews(this.#training, this.#source, indices, { step, side: this.#sideAt(step) });
    const { asksForLabels } = this.#training.loss;
    const labels = asksForLabels ? this.#source.labels(ownPart(this.#training, indices)) : null;
    if (step + 1 < this.totalSteps) expectBatch(this.#training, this.#source, this.#order.batch(step + 1));
    return { views, labels };
  }

  /** How many views of each side all steps have together. */
  get viewsBySide(): Map<number, number> {
    const views = 2 * this.#training.config.batchSize;
    return new Map([...stepsBySide(this.#sideAt, this.totalSteps)].map(([side, steps]) => [side, steps * views]));
  }

  [Symbol.dispose](): void {
    this.#order[Symbol.dispose]();
    this.#source[Symbol.dispose]();
  }
}

function batchTooLarge(batchSize: number, count: number): TwoviewError {
  return new TwoviewError('BATCH_TOO_LARGE', {
    what: `a batch of ${batchSize} images cannot be drawn from ${count}`,
    where: `--batch-size ${batchSize}`,
    next: [`--batch-size ${Math.max(2, Math.floor(count / 4))}  suits this set`],
  });
}
