/**
 * @file SimCLR pre-training: views, encoder, projection head, NT-Xent, step, as one loop.
 * Source: Chen et al. 2020, arXiv 2002.05709, algorithm 1.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { PretrainConfig } from '../config/pretrain.js';
import type { KnnAccuracy } from '../evaluate/knn-accuracy.js';
import { trainingFlops } from '../models/multiply-adds.js';
import { learningRates } from '../models/train-state.js';
import { imagesOf } from '../own/images.js';
import { type OwnIo, withOwn } from '../own/own.js';
import { asResolved, runHash } from '../runs/identity.js';
import { loadEngine } from '../runs/load-engine.js';
import { noRun } from '../runs/no-run.js';
import { Owned } from '../runs/owned.js';
import { registerRun } from '../runs/registry.js';
import { type Run, RunFolder } from '../runs/run-folder.js';
import { Team } from '../runs/team.js';
import { Batches } from './batches.js';
import { clipped } from './clipped.js';
import { gradientsInParts } from './in-parts.js';
import { BANK } from './monitor.js';
import { type Pretraining, prepare } from './pretraining.js';
import { Progress } from './progress.js';
import { sharedLoss, wholeLoss } from './shared-loss.js';

export interface PretrainResult {
  run: string;
  epochs: number;
  steps: number;
  /** Mean over the last epoch. */
  loss: number;
  /** Its value where all projections of a batch are the same, log(2N - 1) of NT-Xent; null for losses where that says nothing. */
  chance: number | null;
  /** kNN accuracy on the held-out training images after the last epoch, if there are any. */
  knn: number | null;
  /** The same at the settings that others report. */
  knnReported: KnnAccuracy['others'] | null;
  /** Operations of the encoder in all steps, see `trainingFlops`. */
  flops: number;
  /** Over all processes that worked on the run. */
  seconds: number;
}

/** Pre-trains an encoder into a run folder. @throws TwoviewError, TorchError */
export async function pretrainSimclr(wanted: PretrainConfig, io: OwnIo = {}): Promise<PretrainResult> {
  const config = withOwn(wanted, io.own);
  await loadEngine(config);
  using set = await imagesOf(config.data, config, io);
  using team = Team.join();
  const train = async (run: Run) => {
    using owned = new Owned();
    const training = prepare(config, { set, run, team, io, owned });
    const hash = runHash('pretrain', asResolved(config, training.config), { data: set.hash });
    const result = await trainLoop(training, io);
    summarise(training, hash, result);
    // The first weights of an object are nobody's but its owner's: no other run can have the same result by its settings.
    if (team.isRankZero && io.own?.encoder?.isInstance !== true) registerRun(hash, run.path);
    return result;
  };
  if (!team.isRankZero) return await train(noRun(config.out));
  return await RunFolder.during(config.out, 'pretrain', config, { data: set }, train);
}

async function trainLoop(training: Pretraining, io: OwnIo): Promise<PretrainResult> {
  const { config, run, team, encoder, head, loss, optimizer, compute } = training;
  using batches = new Batches(training, io);
  const { totalSteps } = batches;
  run.writeJson('indices.json', { heldOut: batches.heldOut });
  const rate = schedule(training, batches, io);

  const project = (views: Tensor): Tensor => {
    const h = compute.run(() => encoder.features(views)); //       [2N, d]
    return compute.run(() => head.forward(h)); //                  [2N, p]
  };
  const inParts = gradientsInParts(training, project);
  const { group } = team;
  const parameters = [...encoder.parameters(), ...head.parameters()];
  // Parts add up their gradients, and exchange the sums themselves.
  using reducer = inParts === null && group ? new torch.distributed.Reducer(parameters, group) : null;
  await using progress = new Progress(training, batches, io);
  await progress.begin();

  while (progress.step < totalSteps) {
    const { step } = progress;
    optimizer.lr = rate(step);
    progress.pace.begin();
    using value = torch.scope(() => {
      const batch = batches.at(step);
      if (inParts !== null) {
        progress.pace.batchReady(); // from here on views and steps take turns
        return inParts(batch);
      }
      const views = batch.views.make(); //                         [2N, 3, S, S]
      progress.pace.batchReady();
      // In a scope of its own: what the backward pass does not need is free before it begins.
      const error = torch.scope(() => {
        const z = project(views); //                               [2N, p]
        const { labels } = batch;
        return group === null ? wholeLoss(loss, { z, labels }) : sharedLoss(loss, { z, labels }, group);
      });
      if (reducer === null) error.backward();
      else reducer.during(() => error.backward());
      return error.detach(); //                                    []
    });
    optimizer.step();
    optimizer.zeroGrad();
    await progress.after(value);
  }

  const flops = trainingFlops(encoder, batches.viewsBySide);
  const { chance, figures } = progress;
  return { run: run.path, epochs: config.epochs, steps: totalSteps, chance, flops, ...figures };
}

/** The learning rate by step; says what the number of images does not allow as it was asked for. */
function schedule(
  { config, learningRate }: Pretraining,
  { stepsPerEpoch, totalSteps, heldOut, trained }: Batches,
  { onEvent }: OwnIo,
): (step: number) => number {
  const warmupSteps = Math.min(Math.round(config.warmupEpochs * stepsPerEpoch), Math.floor(totalSteps / 2));
  const taken = { warmupSteps, stepsPerEpoch, heldOut: heldOut.length, bank: Math.min(BANK, trained.length) };
  for (const text of clipped(config, taken)) onEvent?.({ type: 'note', text });
  return learningRates(config, { base: learningRate, warmupSteps, totalSteps });
}

function summarise({ config, run, set, normalisation }: Pretraining, hash: string, result: PretrainResult): void {
  run.writeJson('summary.json', {
    kind: 'pretrain',
    hash,
    config,
    normalisation,
    classes: set.classes,
    data: { name: set.name, hash: set.hash, notes: set.notes, train: set.train.count },
    result,
  });
}
