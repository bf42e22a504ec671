/** @file How long an experiment will take: images that every job works on, over the measured speed of this machine. */
import * as torch from '@twoview/torch';
import type { CompareConfig } from '../config/compare.js';
import type { ImageSet } from '../data/image-set.js';
import { labelSubset } from '../data/indices.js';
import { plan } from '../finetune/plan.js';
import { createModel } from '../models/create-model.js';
import { place } from '../models/resolve.js';
import { cellConfig, transferConfig } from './job-config.js';
import type { Job } from './jobs.js';

/** Looking at an image costs about a third of learning from it: no backward pass. */
const FORWARD = 1 / 3;
const BATCH = 64;

const speeds = new Map<string, number>();

export interface Sets {
  set: ImageSet;
  unlabelled: ImageSet;
  source: ImageSet | null;
}

/** @returns images that the job learns from, those that it only looks at counted by their cost */
export function imagesOf(job: Job, config: CompareConfig, { set, unlabelled, source }: Sets): number {
  if (job.kind === 'pretrain') {
    const { epochs, heldOut, limit, knnEvery } = config.pretrain;
    const { count } = unlabelled.train;
    const held = Math.min(heldOut, Math.floor(count / 5));
    const seen = limit > 0 ? Math.min(limit, count - held) : count - held;
    const looks = Math.ceil(epochs / knnEvery) * (held + Math.min(5000, seen));
    return 2 * seen * epochs + FORWARD * looks;
  }
  if (job.kind === 'inspect') return 2 * FORWARD * (set.train.count + (set.test?.count ?? 0));
  const images = job.kind === 'transfer' ? source! : set;
  const settings = job.kind === 'transfer' ? transferConfig(config, job) : cellConfig(config, job);
  const labels = labelSubset(images.train, images.classes, settings.fraction, settings.seed).length;
  const { batchSize, totalSteps } = plan(Math.max(2, Math.round(labels * (1 - settings.validation))), settings);
  return batchSize * totalSteps + FORWARD * (images.test?.count ?? 0);
}

/** @returns images that one second of training takes in; measured in every process anew, since a busy machine is slower */
export function trainingSpeed(model: string, imageSize: number, config: CompareConfig): number {
  const key = `${model} ${imageSize}`;
  const speed = speeds.get(key) ?? measureSpeed(model, imageSize, config);
  speeds.set(key, speed);
  return speed;
}

function measureSpeed(model: string, imageSize: number, config: CompareConfig): number {
  const { stem } = config;
  const encoder = createModel(model, { numClasses: 10, stem });
  const compute = place(encoder, { name: `${model} ${stem}`, imageSize }, config, {});
  const step = () =>
    torch.scope(() => {
      const x = torch
        .rand([BATCH, 3, imageSize, imageSize])
        .to(compute.device)
        .contiguous({ memoryFormat: 'channels_last' });
      compute
        .run(() => encoder.forward(x))
        .to('float32')
        .square()
        .sum()
        .backward();
    });
  step();
  const start = performance.now();
  for (let i = 0; i < 2; i++) step();
  const speed = (2 * BATCH * 1000) / (performance.now() - start);
  encoder.dispose();
  return speed;
}
