/** @file The jobs of an experiment, in the order in which they run: the first seed's whole table comes before the second seed. */
import { join } from 'node:path';
import { type Arm, type CompareConfig, SIMCLR_ARMS } from '../config/compare.js';
import { TwoviewError } from '../errors.js';

interface JobBase {
  /** Folder inside the experiment, and the job's name. */
  id: string;
  model: string;
  seed: number;
  /** The job that must be done before. */
  needs: string | null;
}
export type Job =
  | (JobBase & { kind: 'pretrain' })
  | (JobBase & { kind: 'transfer' })
  | (JobBase & { kind: 'inspect'; needs: string })
  | (JobBase & { kind: 'cell'; arm: Arm; fraction: number });
export type Cell = Extract<Job, { kind: 'cell' }>;
export type Inspect = Extract<Job, { kind: 'inspect' }>;

/** Where a job leaves its weights. */
export const weightsOf = (experiment: string, id: string): string =>
  join(experiment, id, 'checkpoints', 'last.safetensors');

/** 0.01 -> "1pct". */
export const percent = (fraction: number): string => `${Number((fraction * 100).toPrecision(6))}`;

/** SimCLR and the transfer source are trained once a model and seed, so that the spread over seeds is that of the whole arm. */
export function jobsOf({ models, arms, fractions, seeds, transferWeights }: CompareConfig): Job[] {
  const jobs: Job[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    for (const model of models) {
      const simclr = `pretrain/${model}/seed${seed}`;
      const source = `transfer/${model}/seed${seed}`;
      if (arms.some((arm) => SIMCLR_ARMS.includes(arm))) {
        jobs.push({ kind: 'pretrain', id: simclr, model, seed, needs: null });
        jobs.push({ kind: 'inspect', id: `inspect/${model}/seed${seed}`, model, seed, needs: simclr });
      }
      if (arms.includes('transfer') && transferWeights === '') {
        jobs.push({ kind: 'transfer', id: source, model, seed, needs: null });
      }
      for (const fraction of fractions) {
        for (const arm of arms) {
          const needs = SIMCLR_ARMS.includes(arm)
            ? simclr
            : arm === 'transfer' && transferWeights === ''
              ? source
              : null;
          jobs.push({
            kind: 'cell',
            id: `cells/${model}/${arm}/${percent(fraction)}pct/seed${seed}`,
            model,
            seed,
            arm,
            fraction,
            needs,
          });
        }
      }
    }
  }
  return jobs;
}

/**
 * The jobs whose name contains one of these texts, and those that they need.
 *
 * @throws TwoviewError CONFIG_INVALID when a text is in no name
 */
export function selectJobs<Listed extends Job>(jobs: readonly Listed[], texts: readonly string[]): Listed[] {
  if (texts.length === 0) return [...jobs];
  for (const text of texts) {
    if (jobs.some(({ id }) => id.includes(text))) continue;
    throw new TwoviewError('CONFIG_INVALID', {
      what: 'no job of this experiment has this in its name',
      where: `--only ${text}`,
      next: ['--dry-run  lists the names, such as', ...jobs.slice(0, 3).map(({ id }) => id)],
    });
  }
  const wanted = jobs.filter(({ id }) => texts.some((text) => id.includes(text)));
  const needed = new Set(wanted.flatMap(({ needs }) => (needs === null ? [] : [needs])));
  return jobs.filter((job) => wanted.includes(job) || needed.has(job.id));
}
