/** @file What a training with labels leaves behind: accuracies on what it was tested on, and its summary. */
import type { Metrics } from '../evaluate/metrics.js';
import { trainingFlops } from '../models/multiply-adds.js';
import { asResolved, runHash, startHash } from '../runs/identity.js';
import { type Judgement, judge } from './judge.js';
import type { LabelSplit } from './split-labels.js';
import type { TrainConfig, Training } from './training.js';

export interface FinetuneResult {
  run: string;
  /** Labelled images that were trained on. */
  labels: number;
  steps: number;
  parameters: number;
  /** Mean loss of the last epoch; null where no step was taken. */
  trainLoss: number | null;
  /** On which images: the test set, or the validation share. */
  evaluatedOn: 'test' | 'validation';
  metrics: Metrics;
  predicted: Judgement['predicted'];
  pictures: Judgement['pictures'];
  /** Operations of the network in all steps, see `trainingFlops`; a part that does not learn is counted as if it did. */
  flops: number;
  /** Over all processes that worked on the run. */
  seconds: number;
}

/** A student need not have labels to be tested by: then there are no metrics. */
export type DistilResult = Omit<FinetuneResult, 'evaluatedOn' | 'metrics'> & {
  evaluatedOn: LabelSplit['evaluatedOn'];
  metrics: Metrics | null;
};

/** What the steps left behind besides the network. */
export interface Trained {
  /** Mean of the last epoch; null without a step. */
  trainLoss: number | null;
  imagesBySide: Map<number, number>;
  seconds: () => number;
}

/** Tests the network. */
export async function outcomeOf(
  { run, split, plan, encoder, normalisation, compute }: Training,
  { trainLoss, imagesBySide, seconds }: Trained,
): Promise<DistilResult> {
  const { evaluated, evaluatedOn, trained } = split;
  encoder.eval();
  const judged = evaluated && (await judge(encoder, evaluated, { normalisation, device: compute.device }));
  return {
    run: run.path,
    labels: trained.length,
    steps: plan.totalSteps,
    parameters: encoder.parameters().reduce((sum, tensor) => sum + tensor.numel(), 0),
    trainLoss,
    evaluatedOn,
    metrics: judged?.metrics ?? null,
    predicted: judged?.predicted ?? [],
    pictures: judged?.pictures ?? [],
    flops: trainingFlops(encoder, imagesBySide),
    seconds: seconds(),
  };
}

/** Writes summary.json and the last line of the log. @param wanted the settings as they were asked for @returns the run's hash */
export async function summarise(wanted: TrainConfig, training: Training, result: DistilResult): Promise<string> {
  const { config, set, run, classes, normalisation } = training;
  const teaching = 'teacher' in wanted ? { teacher: await startHash(wanted.teacher) } : {};
  const inputs = { data: set.hash, start: await startHash(wanted.init), ...teaching };
  const hash = runHash('finetune', asResolved(wanted, config), inputs);
  run.writeJson('summary.json', {
    ...{ kind: 'finetune', hash, config, normalisation, classes },
    data: { name: set.name, hash: set.hash, notes: set.notes, train: set.train.count },
    result,
  });
  const { metrics, evaluatedOn, labels, seconds } = result;
  const accuracy = metrics === null ? 'not measured' : `${metrics.accuracy} on ${metrics.count} ${evaluatedOn} images`;
  run.log(`accuracy ${accuracy}, ${labels} labels, ${seconds.toFixed(1)} s`);
  return hash;
}
