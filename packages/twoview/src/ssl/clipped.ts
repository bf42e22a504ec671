/** @file Settings of a pre-training that the number of its images does not allow as they were asked for. */
import type { SuitedConfig } from './recipe.js';

interface Taken {
  warmupSteps: number;
  stepsPerEpoch: number;
  /** Images held out, and those that may vote in kNN. */
  heldOut: number;
  bank: number;
}

export const clipped = (
  { warmupEpochs, heldOut, k }: Pick<SuitedConfig, 'warmupEpochs' | 'heldOut' | 'k'>,
  { warmupSteps, stepsPerEpoch, heldOut: held, bank }: Taken,
): string[] => [
  ...(warmupSteps < Math.round(warmupEpochs * stepsPerEpoch)
    ? [
        `the warm-up takes ${warmupSteps} steps instead of ${Math.round(warmupEpochs * stepsPerEpoch)}: half of all, at most`,
      ]
    : []),
  ...(held < heldOut ? [`${held} images are held out instead of ${heldOut}: a fifth of all, at most`] : []),
  ...(held > 0 && bank < k
    ? [`kNN while training asks ${bank} neighbours instead of ${k}: there are no more images`]
    : []),
];
