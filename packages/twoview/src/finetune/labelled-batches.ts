/** @file The labelled batch of each step: crops, mirror images, and mixup where it is asked for. */
import type { Tensor } from '@twoview/torch';
import { type SideAt, stepsBySide, viewSides } from '../augment/view-sizes.js';
import { type BatchSource, batchSource } from '../data/batch-source.js';
import { EpochOrder } from '../data/epoch-order.js';
import type { JobIo } from '../runs/events.js';
import { draws, streamGenerator } from '../runs/random.js';
import { mixup } from './mixup.js';
import type { Training } from './training.js';

export interface LabelledBatch {
  /** [N, 3, V, V] */
  x: Tensor;
  /** [N] */
  y: Tensor;
  /** [N], the label of the image that was mixed in; null without mixup. */
  partner: Tensor | null;
  /** Fraction of the image itself. */
  share: number;
}

export class LabelledBatches implements Disposable {
  readonly #training: Training;
  readonly #source: BatchSource;
  readonly #order: EpochOrder;
  readonly #sideAt: SideAt;

  constructor(training: Training, { onEvent }: JobIo) {
    const { config, set, compute, split, plan } = training;
    this.#training = training;
    this.#source = batchSource(set.train, compute.device);
    if (this.#source.note !== null) onEvent?.({ type: 'note', text: this.#source.note });
    this.#sideAt = viewSides(config.viewSizes, { imageSize: set.imageSize, totalSteps: plan.totalSteps });
    this.#order = new EpochOrder(split.trained, plan.batchSize, config.seed, this.#source.indexDevice);
  }

  /** Call it in a scope. The images of the next step are read meanwhile. */
  at(step: number): LabelledBatch {
    const { config, set, compute, normalisation, plan, views } = this.#training;
    const { batchSize } = plan;
    const index = this.#order.batch(step);
    const rows = (stream: string) => (from: number, count: number) =>
      draws(config.seed, stream, step, { from, count }, compute.device);
    const images = this.#source.images(index);
    this.#source.expect(this.#order.batch(step + 1));
    const drawn = views.draw(set.imageSize, rows('views'), batchSize, this.#sideAt(step));
    const x = drawn(images, 0, batchSize, normalisation);
    const y = this.#source.labels(index);
    if (config.mixup === 0) return { x, y, partner: null, share: 1 };
    const generator = streamGenerator(config.seed, 'mixup', step);
    return { y, ...mixup(x, y, config.mixup, generator, rows('mixup')(0, batchSize)) };
  }

  /** How many images of each side all steps have together. */
  get imagesBySide(): Map<number, number> {
    const { batchSize, totalSteps } = this.#training.plan;
    return new Map([...stepsBySide(this.#sideAt, totalSteps)].map(([side, steps]) => [side, steps * batchSize]));
  }

  [Symbol.dispose](): void {
    this.#order[Symbol.dispose]();
    this.#source[Symbol.dispose]();
  }
}
