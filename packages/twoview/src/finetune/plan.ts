/** @file The numbers of a fine-tuning, from its settings and the count of its labels. */
import type { ClassifierConfig } from '../config/finetune.js';
import { TwoviewError } from '../errors.js';

export interface Plan {
  batchSize: number;
  stepsPerEpoch: number;
  totalSteps: number;
  warmupSteps: number;
  learningRate: number;
  /** What had to be taken lower than it was asked for. */
  notes: string[];
}

/** Few labels make small batches; `minSteps` and `maxSteps` bound the work where epochs would make it too short or too long. */
export function plan(labels: number, config: ClassifierConfig): Plan {
  if (labels < 2) {
    throw new TwoviewError('BATCH_TOO_LARGE', {
      what: `batch norm needs 2 labelled images, there is ${labels}`,
      where: '--fraction',
      next: ['--fraction MORE'],
    });
  }
  const batchSize = Math.min(config.batchSize, labels);
  const stepsPerEpoch = Math.floor(labels / batchSize);
  const wanted = Math.max(config.epochs * stepsPerEpoch, config.minSteps);
  const totalSteps = config.maxSteps > 0 ? Math.min(wanted, config.maxSteps) : wanted;
  if (totalSteps === 0 && !config.probeFirst) throw nothingLearned();
  const pretrained = config.init !== 'scratch';
  return {
    batchSize,
    stepsPerEpoch,
    totalSteps,
    warmupSteps: warmup(config, stepsPerEpoch, totalSteps),
    notes: notesOf(config, { batchSize, stepsPerEpoch, totalSteps }),
    learningRate: config.lr === 'auto' ? autoLr(config, pretrained) * (batchSize / 128) : config.lr,
  };
}

function notesOf(
  config: ClassifierConfig,
  { batchSize, stepsPerEpoch, totalSteps }: Pick<Plan, 'batchSize' | 'stepsPerEpoch' | 'totalSteps'>,
): string[] {
  const wanted = config.warmupEpochs === 'auto' ? 0 : Math.round(config.warmupEpochs * stepsPerEpoch);
  const most = Math.floor(totalSteps / 2);
  return [
    ...(batchSize < config.batchSize
      ? [`batches have ${batchSize} images instead of ${config.batchSize}: there are no more`]
      : []),
    ...(wanted > most ? [`the warm-up takes ${most} steps instead of ${wanted}: half of all, at most`] : []),
  ];
}

function warmup({ warmupEpochs }: ClassifierConfig, stepsPerEpoch: number, totalSteps: number): number {
  const wanted = warmupEpochs === 'auto' ? totalSteps / 10 : warmupEpochs * stepsPerEpoch;
  return Math.min(Math.round(wanted), Math.floor(totalSteps / 2));
}

function autoLr({ optimizer }: ClassifierConfig, pretrained: boolean): number {
  if (optimizer === 'adam' || optimizer === 'adamw') return pretrained ? 1e-3 : 3e-3;
  return pretrained ? 0.03 : 0.06;
}

const nothingLearned = (): TwoviewError =>
  new TwoviewError('CONFIG_INVALID', {
    what: 'without a step and without a fitted classifier nothing would be learned',
    where: '--epochs 0',
    next: ['--probe-first  fits a classifier to the encoder as it is', '--epochs MORE'],
  });
