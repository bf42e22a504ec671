/** @file What a job will compute, in floating-point operations, known before it runs. */
import { stepsBySide, viewSides } from '../augment/view-sizes.js';
import type { ImageSet } from '../data/image-set.js';
import { labelSubset } from '../data/indices.js';
import { plan } from '../finetune/plan.js';
import { multiplyAdds, TRAINING_PASSES } from '../models/multiply-adds.js';
import { createEncoder } from '../models/own-network.js';
import { stemFor } from '../models/stem.js';
import type { Own } from '../own/own.js';
import { configuredViews } from '../ssl/configured-views.js';
import { suitedTo } from '../ssl/recipe.js';
import type { ReadyJob } from './job-config.js';

/** Jobs that train. */
export type TrainingJob = Exclude<ReadyJob, { kind: 'inspect' }>;

export interface Sets {
  set: ImageSet;
  unlabelled: ImageSet;
  source: ImageSet | null;
}

/** @returns images of a set of `count` that a pre-training learns from: all that it does not hold out, up to its limit */
export function trainedOn({ heldOut, limit }: { heldOut: number; limit: number }, count: number): number {
  const rest = count - Math.min(heldOut, Math.floor(count / 5));
  return limit > 0 ? Math.min(limit, rest) : rest;
}

export interface Steps {
  steps: number;
  /** Images of a step; views, in a pre-training. */
  perStep: number;
}

export function stepsOf(job: TrainingJob, { set, unlabelled, source }: Sets): Steps {
  if (job.kind === 'pretrain') {
    const { batchSize, epochs } = job.config;
    const perEpoch = Math.floor(trainedOn(job.config, unlabelled.train.count) / batchSize);
    return { steps: perEpoch * epochs, perStep: 2 * batchSize };
  }
  const images = job.kind === 'transfer' ? source! : set;
  const labels = labelSubset(images.train, images.classes, job.config).length;
  const heldOut = job.config.validation === 'val' ? 0 : job.config.validation;
  const { batchSize, totalSteps } = plan(Math.max(2, Math.round(labels * (1 - heldOut))), job.config);
  return { steps: totalSteps, perStep: batchSize };
}

export class Costs {
  readonly #sets: Sets;
  readonly #own: Own | undefined;
  readonly #multiplyAdds = new Map<string, number>();
  /** Counting the labels of a job takes an order of the whole set. */
  readonly #steps = new WeakMap<TrainingJob, Steps>();

  constructor(sets: Sets, own: Own | undefined) {
    this.#sets = sets;
    this.#own = own;
  }

  /** Operations of all steps of a job; evaluation is not among them. */
  flopsOf(job: TrainingJob): number {
    return this.#flopsOfSteps(job, this.stepsOf(job).steps);
  }

  /** Of the operations that the steps would take if all views had the size of the images. */
  shareOfFullSize(job: TrainingJob): number {
    const { steps, perStep } = this.stepsOf(job);
    const full = steps * perStep * this.#flopsOfImage(job, this.#sets.set.imageSize);
    return full === 0 ? 1 : this.flopsOf(job) / full;
  }

  stepsOf(job: TrainingJob): Steps {
    const known = this.#steps.get(job) ?? stepsOf(job, this.#sets);
    this.#steps.set(job, known);
    return known;
  }

  /** The same if it took so many steps, over which its views grow. */
  #flopsOfSteps(job: TrainingJob, steps: number): number {
    const { imageSize } = this.#sets.set;
    const { perStep } = this.stepsOf(job);
    const sides = stepsBySide(viewSides(this.#viewSizesOf(job), { imageSize, totalSteps: steps }), steps);
    let sum = 0;
    for (const [side, count] of sides) sum += count * perStep * this.#flopsOfImage(job, side);
    return sum;
  }

  /** The most steps of this job that take no more than so many operations. */
  stepsFor(job: TrainingJob, flops: number): number {
    let [enough, tooMany] = [0, 1];
    while (this.#flopsOfSteps(job, tooMany) <= flops) tooMany *= 2;
    while (tooMany - enough > 1) {
      const middle = (enough + tooMany) >> 1;
      if (this.#flopsOfSteps(job, middle) <= flops) enough = middle;
      else tooMany = middle;
    }
    return enough;
  }

  #viewSizesOf(job: TrainingJob): number[] {
    if (job.kind !== 'pretrain') return job.config.viewSizes;
    return suitedTo(job.config, this.#sets.set.imageSize, this.#own?.views ?? configuredViews(job.config)).viewSizes;
  }

  #flopsOfImage(job: TrainingJob, side: number): number {
    return 2 * TRAINING_PASSES * this.#multiplyAddsOf(job, side);
  }

  #multiplyAddsOf({ model, config }: TrainingJob, side: number): number {
    const known = this.#multiplyAdds.get(`${model} ${side}`);
    if (known !== undefined) return known;
    const { imageSize, classes } = this.#sets.set;
    const stem = stemFor(config.stem, imageSize);
    const encoder = createEncoder(model, { numClasses: classes.length, stem, imageSize }, this.#own?.encoder);
    const found = multiplyAdds(encoder, side);
    encoder.dispose();
    this.#multiplyAdds.set(`${model} ${side}`, found);
    return found;
  }
}
