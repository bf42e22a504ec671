/** @file How long an experiment will take: images that every job works on, over the measured speed of this machine. */
import * as torch from '@twoview/torch';
import type { CompareConfig } from '../config/compare.js';
import type { OwnEncoder } from '../models/own-network.js';
import { createEncoder, measuredName } from '../models/own-network.js';
import { place } from '../models/resolve.js';
import { stemFor } from '../models/stem.js';
import { type Sets, stepsOf, trainedOn } from './cost.js';
import type { ReadyJob } from './job-config.js';

/** Looking at an image costs about a third of learning from it: no backward pass. */
const FORWARD = 1 / 3;
/** A measured step takes no more pixels than 512 images of CIFAR-10 have. */
const MOST_PIXELS = 512 * 32 * 32;

const speeds = new Map<string, number>();

/**
 * @param share of the operations that views of the images' own size would take, where a job has smaller ones
 * @returns images that the job learns from, by what they cost; those that it only looks at as well
 */
export function imagesOfJob(job: ReadyJob, sets: Sets, share = 1): number {
  const { set, unlabelled, source } = sets;
  if (job.kind === 'pretrain') {
    const { epochs, heldOut, knnEvery } = job.config;
    const { count } = unlabelled.train;
    const seen = trainedOn(job.config, count);
    const held = Math.min(heldOut, Math.floor(count / 5));
    const looks = Math.ceil(epochs / knnEvery) * (held + Math.min(5000, seen));
    return share * 2 * seen * epochs + FORWARD * looks;
  }
  if (job.kind === 'inspect') return 2 * FORWARD * (set.train.count + (set.test?.count ?? 0));
  const { steps, perStep } = stepsOf(job, sets);
  return share * steps * perStep + FORWARD * ((job.kind === 'transfer' ? source! : set).test?.count ?? 0);
}

/** Images of one step, which decide how fast an image goes through: views where a job makes two of each. */
export function imagesPerStep(job: ReadyJob, { pretrain }: Pick<CompareConfig, 'pretrain'>): number {
  if (job.kind === 'inspect') return 2 * pretrain.batchSize;
  return job.kind === 'pretrain' ? 2 * job.config.batchSize : job.config.batchSize;
}

/** @returns images that one second of training takes in; measured in every process anew, since a busy machine is slower */
export function trainingSpeed(job: ReadyJob, imageSize: number, config: CompareConfig, own?: OwnEncoder): number {
  const batch = Math.max(2, Math.min(imagesPerStep(job, config), Math.floor(MOST_PIXELS / imageSize ** 2)));
  const key = `${job.model} ${imageSize} ${batch}`;
  const speed = speeds.get(key) ?? measureSpeed(job.model, { imageSize, batch }, config, own);
  speeds.set(key, speed);
  return speed;
}

function measureSpeed(
  model: string,
  { imageSize, batch }: { imageSize: number; batch: number },
  config: CompareConfig,
  own: OwnEncoder | undefined,
): number {
  const stem = stemFor(config.stem, imageSize);
  const encoder = createEncoder(model, { numClasses: 10, stem, imageSize }, own);
  const compute = place(encoder, { name: measuredName(model, stem, own), imageSize }, config, {});
  const step = () =>
    torch.scope(() => {
      const x = torch
        .rand([batch, 3, imageSize, imageSize], { device: compute.device })
        .contiguous({ memoryFormat: 'channels_last' });
      compute
        .run(() => encoder.forward(x))
        .to('float32')
        .square()
        .sum()
        .backward();
    });
  const done = () => compute.device.startsWith('cuda') && torch.cuda.synchronize(compute.device);
  step();
  done();
  const start = performance.now();
  for (let i = 0; i < 2; i++) step();
  done();
  const speed = (2 * batch * 1000) / (performance.now() - start);
  encoder.dispose();
  return speed;
}
