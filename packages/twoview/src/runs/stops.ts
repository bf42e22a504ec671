/** @file The two ways in which a training ends before its time, said alike everywhere. */
import { TwoviewError } from '../errors.js';

export function stoppedAt(run: string, step: number, steps: number): TwoviewError {
  return new TwoviewError('STOPPED', {
    what: `stopped at step ${step} of ${steps}; a checkpoint was written`,
    where: run,
    next: ['the same command with --resume  goes on exactly there'],
  });
}

export function notFinite(loss: number, step: number, run: string): TwoviewError {
  return new TwoviewError('LOSS_NOT_FINITE', {
    what: `the loss became ${loss} after step ${step}; nothing of that step was kept`,
    where: run,
    next: [
      '--lr LOWER or --warmup-epochs MORE, in a new run',
      'checkpoints/last.safetensors holds the last good state',
    ],
  });
}
