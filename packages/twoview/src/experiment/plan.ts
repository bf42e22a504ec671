/** @file Which jobs of an experiment are done, and how long the others will take. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CompareConfig } from '../config/compare.js';
import type { Own } from '../own/own.js';
import { imagesOfJob, trainingSpeed } from './estimate.js';
import { type Job, weightsOf } from './jobs.js';
import type { Opened } from './open-experiment.js';

export interface ExperimentPlan {
  /** `flops` of a training; null of what only looks at images. */
  jobs: { id: string; seconds: number; flops: number | null; done: boolean }[];
  /** Of what is still to do, on this machine. */
  seconds: number;
}

export const isDone = ({ out }: CompareConfig, { id }: Job) => existsSync(join(out, id, 'summary.json'));

const hasWeights = ({ out }: CompareConfig, id: string) => existsSync(weightsOf(out, id));

/** Done, and with the weights that jobs still to come start from: a recorded experiment has results alone. */
export function isFinished({ config, chosen }: Pick<Opened, 'config' | 'chosen'>, job: Job): boolean {
  if (!isDone(config, job)) return false;
  const awaited = chosen.some((other) => other.needs === job.id && !isDone(config, other));
  return !awaited || hasWeights(config, job.id);
}

export function planOf({ config, chosen, costs, ...sets }: Opened, own: Own | undefined): ExperimentPlan {
  const listed = chosen.map((job) => {
    const done = isFinished({ config, chosen }, job);
    const flops = job.kind === 'inspect' ? null : costs.flopsOf(job);
    const images = imagesOfJob(job, sets, job.kind === 'inspect' ? 1 : costs.shareOfFullSize(job));
    return { id: job.id, done, flops, seconds: images / trainingSpeed(job, sets.set.imageSize, config, own?.encoder) };
  });
  return { jobs: listed, seconds: listed.reduce((sum, job) => sum + (job.done ? 0 : job.seconds), 0) };
}
