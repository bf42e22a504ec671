/** @file The optimizer of a training, from its settings. */
import * as torch from '@twoview/torch';

export interface OptimizerSettings {
  optimizer: 'sgd' | 'lars' | 'adam' | 'adamw' | 'muon';
  momentum: number;
  weightDecay: number;
}

export function createOptimizer(
  groups: readonly torch.optim.ParameterGroup[],
  { optimizer, momentum }: OptimizerSettings,
  lr: number,
): torch.optim.Optimizer {
  switch (optimizer) {
    case 'sgd':
      return new torch.optim.SGD(groups, { lr, momentum, nesterov: momentum > 0 });
    case 'lars':
      return new torch.optim.LARS(groups, { lr, momentum });
    case 'adam':
      return new torch.optim.Adam(groups, { lr });
    case 'adamw':
      return new torch.optim.AdamW(groups, { lr });
    case 'muon':
      return new torch.optim.Muon(groups, { lr, momentum });
  }
}

export interface ScheduleSettings {
  schedule: 'cosine' | 'constant';
}

/** The learning rate by step: rises evenly to `base`, then falls as a cosine to zero, or stays. */
export function learningRates(
  { schedule }: ScheduleSettings,
  { base, warmupSteps, totalSteps }: torch.optim.CosineOptions,
): (step: number) => number {
  if (schedule === 'cosine') return torch.optim.cosineWithWarmup({ base, warmupSteps, totalSteps });
  return (step) => base * Math.min(1, (step + 1) / Math.max(1, warmupSteps));
}

/**
 * The highest learning rate where none was given. SGD and LARS grow with the batch (Goyal et al. 2017, arXiv 1706.02677): for
 * 256 images 0.06, between dkobak/simclr-cifar10's 0.03 and lightly's 0.12, and 0.3 for LARS as in SimCLR; Adam keeps 1e-3,
 * as in leftthomas/SimCLR; Muon 5e-3, docs/defaults.md.
 */
export function contrastiveLr({ optimizer }: Pick<OptimizerSettings, 'optimizer'>, batchSize: number): number {
  if (optimizer === 'sgd') return (0.06 * batchSize) / 256;
  if (optimizer === 'lars') return (0.3 * batchSize) / 256;
  return optimizer === 'muon' ? 5e-3 : 1e-3;
}
