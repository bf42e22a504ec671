/**
 * @file Training with labels: the arms of the poster, which differ in `init` alone. The last linear layer is a new one
 * for the number of classes; crops and mirror images are the only augmentation, as in SimCLR's fine-tuning (appendix B.5).
 */
import * as torch from '@twoview/torch';
import type { DistilConfig, FinetuneConfig } from '../config/finetune.js';
import { learningRates } from '../models/train-state.js';
import { imagesOf } from '../own/images.js';
import { type OwnIo, withOwn } from '../own/own.js';
import { Checkpoints } from '../runs/checkpoints.js';
import { LateLosses } from '../runs/late-losses.js';
import { loadEngine } from '../runs/load-engine.js';
import { Owned } from '../runs/owned.js';
import { Pace } from '../runs/pace.js';
import { streamSeed } from '../runs/random.js';
import { registerRun } from '../runs/registry.js';
import { RunFolder } from '../runs/run-folder.js';
import { notFinite } from '../runs/stops.js';
import { WeightAverage } from './average.js';
import { LabelledBatches } from './labelled-batches.js';
import { type DistilResult, type FinetuneResult, outcomeOf, summarise, type Trained } from './outcome.js';
import { openTeacher } from './teacher.js';
import { startTraining } from './trainable.js';
import { prepare, type TrainConfig, type Training } from './training.js';

/** Trains a classifier into a run folder. @throws TwoviewError, TorchError */
export async function finetune(config: FinetuneConfig, io: OwnIo = {}): Promise<FinetuneResult> {
  return (await train(config, io)) as FinetuneResult; // only a teacher makes tests dispensable
}

/** Trains a classifier on what a teacher says of all training images, labelled or not. @throws TwoviewError, TorchError */
export function distil(config: DistilConfig, io: OwnIo = {}): Promise<DistilResult> {
  return train(config, io);
}

async function train(asked: TrainConfig, io: OwnIo): Promise<DistilResult> {
  const wanted = withOwn(asked, io.own);
  await loadEngine(wanted);
  using set = await imagesOf(wanted.data, wanted, io);
  return await RunFolder.during(wanted.out, 'finetune', wanted, { data: set }, async (run) => {
    using owned = new Owned();
    const training = await prepare(wanted, { set, run, io, owned });
    const result = await outcomeOf(training, await trainLoop(training, io));
    const hash = await summarise(wanted, training, result);
    // The first weights of an object are nobody's but its owner's.
    if (io.own?.encoder?.isInstance !== true) registerRun(hash, run.path);
    return result;
  });
}

async function trainLoop(training: Training, io: OwnIo): Promise<Trained> {
  const { config, run, classes, plan, encoder, optimizer, compute, normalisation } = training;
  const { batchSize, stepsPerEpoch, totalSteps, learningRate, warmupSteps } = plan;
  const schedule = learningRates(config, { base: learningRate, warmupSteps, totalSteps });
  using average = config.averageWeights > 0 ? new WeightAverage(encoder, config.averageWeights) : null;
  const pace = new Pace();
  using losses = new LateLosses<{ step: number; lr: number }>(compute.device, (loss, { step, lr }) => {
    if (!Number.isFinite(loss)) throw notFinite(`the loss became ${loss}`, step, run.path);
    at.lossSum += loss;
    run.metric({ step, epoch: Math.ceil(step / stepsPerEpoch), loss, lr });
    io.onEvent?.(pace.event('finetune', { step, stepsPerEpoch, totalSteps, loss, lr, images: batchSize }));
  });
  const about = { model: config.model, stem: config.stem, normalisation: JSON.stringify(normalisation) };
  const options = { minutes: config.checkpointMinutes, about, beforeSaving: () => losses.drain() };
  await using checkpoints = new Checkpoints(run, { encoder, head: null, optimizer, average }, options);
  const at = checkpoints.resume({ step: 0, lossSum: 0 }, totalSteps, io);
  using batches = new LabelledBatches(training, io);
  const context = { classes, normalisation, compute, own: io.own?.encoder };
  using teacher = 'teacher' in config ? await openTeacher(config, context) : null;
  const { labelSmoothing, seed } = config;

  startTraining(encoder, config);
  while (at.step < totalSteps) {
    const { step } = at;
    if (step % stepsPerEpoch === 0) {
      losses.drain();
      at.lossSum = 0;
    }
    optimizer.lr = schedule(step);
    pace.begin();
    const { x, y, partner, share } = torch.scope(() => batches.at(step)); //       [N, 3, S, S], [N]
    using _x = x;
    using _y = y;
    using _partner = partner;
    pace.batchReady();

    torch.manualSeed(streamSeed(seed, 'dropout', step)); // dropout draws from the default generator
    // In a scope of its own: what the backward pass does not need is free before it begins.
    using loss = torch.scope(() => {
      const logits = compute.run(() => encoder.forward(x)).to('float32'); //       [N, C]
      const against = (labels: torch.Tensor) => torch.crossEntropy(logits, labels, { labelSmoothing }); // []
      if (teacher !== null) return against(teacher.probabilities(x));
      if (partner === null) return against(y);
      return against(y)
        .mul(share)
        .add(against(partner), { alpha: 1 - share });
    });
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    at.step++;
    average?.update();
    if (at.step === totalSteps) average?.intoModel(); // what is kept, tested and loaded by others
    pace.end();
    losses.push(loss, { step: at.step, lr: optimizer.lr });
    await checkpoints.after(at, totalSteps, io.signal);
  }
  if (totalSteps === 0) await checkpoints.after(at, totalSteps, io.signal);
  const inLastEpoch = totalSteps % stepsPerEpoch === 0 ? stepsPerEpoch : totalSteps % stepsPerEpoch;
  const { imagesBySide } = batches;
  const trainLoss = totalSteps === 0 ? null : at.lossSum / inLastEpoch;
  return { trainLoss, imagesBySide, seconds: () => checkpoints.seconds };
}
