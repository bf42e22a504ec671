/** @file The ways in which a job ends before its time, said alike everywhere. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TwoviewError } from '../errors.js';

export function stoppedAt(run: string, step: number, steps: number): TwoviewError {
  return new TwoviewError('STOPPED', {
    what: `stopped at step ${step} of ${steps}; a checkpoint was written`,
    where: run,
    next: ['the same command with --resume  goes on exactly there'],
  });
}

/** An experiment between two of its jobs. */
export function stoppedBefore(experiment: string, done: number, jobs: number): TwoviewError {
  return new TwoviewError('STOPPED', {
    what: `stopped after job ${done} of ${jobs}`,
    where: experiment,
    next: ['the same command with --resume  goes on with the next one'],
  });
}

/** For jobs, or parts of jobs, that have no checkpoint. @throws TwoviewError INTERRUPTED */
export function endIfAsked(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new TwoviewError('INTERRUPTED', {
    what: 'interrupted; nothing half made was left',
    where: 'before the end',
    next: ['the same command again; with --resume where there is an --out folder'],
  });
}

/** @param what the loss, or what else showed it */
export function notFinite(what: string, step: number, run: string): TwoviewError {
  const kept = existsSync(join(run, 'checkpoints', 'last.safetensors'));
  return new TwoviewError('LOSS_NOT_FINITE', {
    what: `${what}, after step ${step}; nothing of that step was kept`,
    where: run,
    next: [
      '--lr LOWER or --warmup-epochs MORE, in a new run',
      ...(kept ? ['checkpoints/last.safetensors holds the last good state'] : []),
    ],
  });
}
