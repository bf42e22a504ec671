/** @file The numbers of a fine-tuning, from its settings and the count of its labels. */
import * as torch from '@twoview/torch';
import type { JitterOptions } from '../augment/colour.js';
import type { ClassifierConfig } from '../config/finetune.js';
import type { ImageSet } from '../data/image-set.js';
import { labelledTest, requireTrained } from '../data/labelled-test.js';
import { TwoviewError } from '../errors.js';

export const NO_JITTER: JitterOptions = { probability: 0, brightness: 0, contrast: 0, saturation: 0, hue: 0 };

export interface Plan {
  batchSize: number;
  stepsPerEpoch: number;
  totalSteps: number;
  warmupSteps: number;
  learningRate: number;
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
  const learnt = config.init !== 'scratch';
  return {
    batchSize,
    stepsPerEpoch,
    totalSteps,
    warmupSteps: warmup(config, stepsPerEpoch, totalSteps),
    learningRate: config.lr === 'auto' ? autoLr(config, learnt) * (batchSize / 128) : config.lr,
  };
}

function warmup({ warmupEpochs }: ClassifierConfig, stepsPerEpoch: number, totalSteps: number): number {
  const wanted = warmupEpochs === 'auto' ? totalSteps / 10 : warmupEpochs * stepsPerEpoch;
  return Math.min(Math.round(wanted), Math.floor(totalSteps / 2));
}

function autoLr({ optimizer }: ClassifierConfig, learnt: boolean): number {
  if (optimizer === 'adam' || optimizer === 'adamw') return learnt ? 1e-3 : 3e-3;
  return learnt ? 0.03 : 0.06;
}

export interface LabelSplit {
  trained: number[];
  evaluatedOn: 'test' | 'validation';
  evaluated: { images(): torch.Tensor; labels(): torch.Tensor };
}

/**
 * What is trained on and what is tested on: the test set, or a share of the labelled images where one is named.
 *
 * @param unlabelledToo train on all images that are not tested on
 */
export function splitLabels(
  labelled: readonly number[],
  set: ImageSet,
  { validation, seed }: Pick<ClassifierConfig, 'validation' | 'seed'>,
  unlabelledToo = false,
): LabelSplit {
  const rest = (kept: readonly number[], tested: readonly number[]): number[] => {
    if (!unlabelledToo) return [...kept];
    const taken = new Set(tested);
    return Array.from({ length: set.train.count }, (_, i) => i).filter((i) => !taken.has(i));
  };
  if (validation === 'val') {
    const { val } = set;
    if (val === null) throw noValidation();
    requireTrained(set, val);
    return {
      trained: rest(labelled, []),
      evaluatedOn: 'validation',
      evaluated: { images: () => val.images.detach(), labels: () => val.labels.detach() },
    };
  }
  if (validation > 0) {
    const order = torch.scope(() => torch.randperm(labelled.length, { generator: new torch.Generator(seed) }).tolist());
    const count = Math.max(1, Math.round(labelled.length * validation));
    const pick = (some: number[]) =>
      torch.tensor(
        some.map((i) => labelled[i]!),
        { dtype: 'int64' },
      );
    const select = (from: torch.Tensor) => torch.scope(() => from.indexSelect(0, pick(order.slice(0, count))));
    return {
      trained: rest(
        order
          .slice(count)
          .map((i) => labelled[i]!)
          .sort((a, b) => a - b),
        order.slice(0, count).map((i) => labelled[i]!),
      ),
      evaluatedOn: 'validation',
      evaluated: { images: () => select(set.train.images), labels: () => select(set.train.labels) },
    };
  }
  const test = labelledTest(set);
  return {
    trained: rest(labelled, []),
    evaluatedOn: 'test',
    evaluated: { images: () => test.images.detach(), labels: () => test.labels.detach() },
  };
}

const noValidation = (): TwoviewError =>
  new TwoviewError('DATA_EMPTY', {
    what: 'this set has no validation part beside its test part',
    where: '--validation val',
    next: ['--validation 0.2  keeps a part of the labelled images for that', 'or give the set val/ and test/'],
  });
