/**
 * @file Equal compute: the arms without SimCLR train for as many operations as SimCLR's pre-training and fine-tuning take together, so
 * that a difference between them is not one of time.
 */
import { FROZEN_ARMS } from '../config/compare.js';
import { TwoviewError } from '../errors.js';
import type { Costs, TrainingJob } from './cost.js';
import type { ReadyJob } from './job-config.js';
import type { Cell } from './jobs.js';

type ReadyCell = Extract<ReadyJob, { kind: 'cell' }>;
const isTraining = (job: ReadyJob): job is TrainingJob => job.kind !== 'inspect';

/**
 * @returns the jobs, those of the other arms with the number of steps that the semi-supervised arm's operations buy; never fewer than
 * their own settings ask for, which is said
 * @throws TwoviewError CONFIG_INVALID without the semi-supervised arm
 */
export function equalised(jobs: readonly ReadyJob[], costs: Costs, say: (text: string) => void): ReadyJob[] {
  const byId = new Map(jobs.filter(isTraining).map((job) => [job.id, job]));
  const withStart = (cell: ReadyCell): number => {
    const start = cell.needs === null ? undefined : byId.get(cell.needs);
    return costs.flopsOf(cell) + (start === undefined ? 0 : costs.flopsOf(start));
  };
  const simclr = ({ model, fraction, seed }: Cell) => {
    const found = jobs.find(
      (job): job is ReadyCell =>
        job.kind === 'cell' &&
        job.arm === 'semi-supervised' &&
        job.model === model &&
        job.fraction === fraction &&
        job.seed === seed,
    );
    if (found !== undefined) return found;
    throw new TwoviewError('CONFIG_INVALID', {
      what: 'equal compute is counted by what the semi-supervised arm takes, which is not among the arms',
      where: '--equal-compute',
      next: ['--arms supervised,semi-supervised', 'leave --equal-compute out'],
    });
  };
  return jobs.map((job) => {
    if (job.kind !== 'cell' || job.arm === 'semi-supervised' || FROZEN_ARMS.includes(job.arm)) return job;
    const own = costs.flopsOf(job);
    const budget = withStart(simclr(job)) - (withStart(job) - own);
    const { steps } = costs.stepsOf(job);
    const bought = budget < own ? 0 : costs.stepsFor(job, budget);
    if (bought <= steps) {
      if (bought < steps) say(`${job.id} keeps its ${steps} steps, which take more than SimCLR does`);
      return job;
    }
    return { ...job, config: { ...job.config, minSteps: bought, maxSteps: bought } };
  });
}
