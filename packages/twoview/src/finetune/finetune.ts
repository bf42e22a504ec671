/**
 * @file Training with labels: all three arms of the poster, which differ in `init` alone. The last linear layer is a new one
 * for the number of classes; crops and mirror images are the only augmentation, as in SimCLR's fine-tuning (appendix B.5).
 */
import * as torch from '@twoview/torch';
import type { Normalisation } from '../augment/chunks.js';
import { compose, flip, randomResizedCrop } from '../augment/steps.js';
import type { DistilConfig, FinetuneConfig } from '../config/finetune.js';
import { batchSource } from '../data/batch-source.js';
import { EpochOrder } from '../data/epoch-order.js';
import type { ImageSet } from '../data/image-set.js';
import { labelSubset } from '../data/indices.js';
import { normalisationOf, parseNormalisation } from '../data/normalisation.js';
import type { Metrics } from '../evaluate/metrics.js';
import { isOwnName } from '../models/own-network.js';
import { place, sayDeterminism } from '../models/resolve.js';
import { createOptimizer, learningRates } from '../models/train-state.js';
import { readWeights } from '../models/weights.js';
import { imagesOf } from '../own/images.js';
import { type OwnIo, withOwn } from '../own/own.js';
import { Checkpoints } from '../runs/checkpoints.js';
import { asResolved, runHash, startHash } from '../runs/identity.js';
import { LateLosses } from '../runs/late-losses.js';
import { Owned } from '../runs/owned.js';
import { Pace } from '../runs/pace.js';
import { draws, streamGenerator, streamSeed } from '../runs/random.js';
import { registerRun } from '../runs/registry.js';
import { RunFolder } from '../runs/run-folder.js';
import { notFinite } from '../runs/stops.js';
import { WeightAverage } from './average.js';
import { initialise, networkFor, networkToTrain } from './initial-weights.js';
import { type Judgement, judge } from './judge.js';
import { mixup } from './mixup.js';
import { plan } from './plan.js';
import { type LabelSplit, splitLabels } from './split-labels.js';
import { openTeacher, teachersClasses } from './teacher.js';
import { parameterGroups, requireStages, startTraining } from './trainable.js';

export interface FinetuneResult {
  run: string;
  /** Labelled images that were trained on. */
  labels: number;
  steps: number;
  parameters: number;
  /** Mean loss of the last epoch. */
  trainLoss: number;
  /** On which images: the test set, or the validation share. */
  evaluatedOn: 'test' | 'validation';
  metrics: Metrics;
  predicted: Judgement['predicted'];
  pictures: Judgement['pictures'];
  /** Over all processes that worked on the run. */
  seconds: number;
}

/** A student need not have labels to be tested by: then there are no metrics. */
export type DistilResult = Omit<FinetuneResult, 'evaluatedOn' | 'metrics'> & {
  evaluatedOn: LabelSplit['evaluatedOn'];
  metrics: Metrics | null;
};

/** Trains a classifier into a run folder. @throws TwoviewError, TorchError */
export async function finetune(config: FinetuneConfig, io: OwnIo = {}): Promise<FinetuneResult> {
  return (await train(config, io)) as FinetuneResult; // only a teacher makes tests dispensable
}

/** Trains a classifier on what a teacher says of all training images, labelled or not. @throws TwoviewError, TorchError */
export function distil(config: DistilConfig, io: OwnIo = {}): Promise<DistilResult> {
  return train(config, io);
}

type TrainConfig = FinetuneConfig | DistilConfig;

async function train(wanted: TrainConfig, io: OwnIo): Promise<DistilResult> {
  const config = withOwn(wanted, io.own);
  await torch.load({ flushDenormal: true, ...(config.threads !== 'auto' && { threads: config.threads }) });
  using set = await imagesOf(config.data, config, io);
  return await RunFolder.during(config.out, 'finetune', config, { data: set }, (run) =>
    trainLoop(config, set, run, io),
  );
}

async function trainLoop(wanted: TrainConfig, set: ImageSet, run: RunFolder, io: OwnIo): Promise<DistilResult> {
  using owned = new Owned();
  const known = run.settle(wanted);
  const taught = 'teacher' in known;
  const classes = taught && set.classes.length === 0 ? teachersClasses(known.teacher) : set.classes;
  const fraction = 'fraction' in known ? known.fraction : 1;
  const labelled = taught && set.classes.length === 0 ? [] : labelSubset(set.train, classes, fraction, known.seed);
  const { trained, evaluated, evaluatedOn, heldOut } = splitLabels(labelled, set, known, taught);
  run.writeJson('indices.json', { trained, heldOut });
  const { batchSize, stepsPerEpoch, totalSteps, learningRate, warmupSteps, notes } = plan(trained.length, known);
  for (const text of notes) io.onEvent?.({ type: 'note', text });
  const named = known.model === 'auto' ? undefined : known.model;
  using weights = known.init === 'scratch' ? null : await readWeights(known.init, named, io);
  const { model, stem } = networkFor(known, weights, set.imageSize);
  const generator = streamGenerator(known.seed, 'init', 0);
  const { imageSize } = set;
  const made = { headLayer: known.headLayer, numClasses: classes.length, imageSize, generator, own: io.own?.encoder };
  const encoder = owned.add(networkToTrain({ model, stem }, made, weights));
  const start = initialise(encoder, weights, model); // before the event, whose text nobody may ask for
  io.onEvent?.({ type: 'note', text: `${isOwnName(model) ? model : `${model}, stem ${stem}`}: ${start}` });
  requireStages(encoder, known);
  const placed = { name: `${model} ${known.own.encoder ?? stem}`, imageSize };
  const compute = place(encoder, placed, known, io);
  sayDeterminism(encoder, placed, known, compute, io);
  const config = run.settle(known, {
    model,
    stem,
    device: compute.device,
    precision: compute.precision,
    threads: torch.getNumThreads(),
    lr: learningRate,
    warmupEpochs: warmupSteps / stepsPerEpoch,
    imageSize,
  });
  const recorded = weights?.metadata.normalisation;
  const normalisation: Normalisation =
    recorded === undefined ? normalisationOf(set.train) : parseNormalisation(recorded, weights!.file);
  const groups = parameterGroups(encoder, config);
  const own = io.own?.optimizer?.create(groups, learningRate);
  const optimizer = owned.add(own ?? createOptimizer(groups, config, learningRate));
  const schedule = learningRates(config, { base: learningRate, warmupSteps, totalSteps });
  const about = { model, stem, normalisation: JSON.stringify(normalisation) };
  using average = config.averageWeights > 0 ? new WeightAverage(encoder, config.averageWeights) : null;
  const parts = { encoder, head: null, optimizer, average };
  const pace = new Pace();
  using losses = new LateLosses<{ step: number; lr: number }>(compute.device, (loss, { step, lr }) => {
    if (!Number.isFinite(loss)) throw notFinite(`the loss became ${loss}`, step, run.path);
    at.lossSum += loss;
    run.metric({ step, epoch: Math.ceil(step / stepsPerEpoch), loss, lr });
    io.onEvent?.(pace.event('finetune', { step, stepsPerEpoch, totalSteps, loss, lr, images: batchSize }));
  });
  const options = { minutes: config.checkpointMinutes, about, settle: () => losses.drain() };
  await using checkpoints = new Checkpoints(run, parts, options);
  const at = checkpoints.resume({ step: 0, lossSum: 0 }, totalSteps, io);
  using source = batchSource(set.train, compute.device);
  if (source.note !== null) io.onEvent?.({ type: 'note', text: source.note });
  using order = new EpochOrder(trained, batchSize, config.seed, source.indexDevice);
  const views = io.own?.views ?? compose(randomResizedCrop({ scale: [config.cropScaleMin, 1] }), flip(config.flip));

  const context = { classes, normalisation, compute };
  using teacher = 'teacher' in config ? await openTeacher(config, context) : null;

  startTraining(encoder, config);
  while (at.step < totalSteps) {
    const { step } = at;
    if (step % stepsPerEpoch === 0) {
      losses.drain();
      at.lossSum = 0;
    }
    optimizer.lr = schedule(step);

    pace.begin();
    const { x, y, partner, share } = torch.scope(() => {
      const index = order.batch(step);
      const rows = (stream: string) => (from: number, count: number) =>
        draws(config.seed, stream, step, { from, count }, compute.device);
      const images = source.images(index);
      source.expect(order.batch(step + 1));
      const x = views.draw(imageSize, rows('views'), batchSize)(images, 0, batchSize, normalisation); //  [N, 3, S, S]
      const y = source.labels(index); //                                                                 [N]
      if (config.mixup === 0) return { x, y, partner: null, share: 1 };
      return {
        y,
        ...mixup(x, y, config.mixup, streamGenerator(config.seed, 'mixup', step), rows('mixup')(0, batchSize)),
      };
    });
    using _x = x;
    using _y = y;
    using _partner = partner;
    pace.batchReady();

    torch.manualSeed(streamSeed(config.seed, 'dropout', step)); // dropout draws from the default generator
    // In a scope of its own: what the backward pass does not need is free before it begins.
    using crossEntropy = torch.scope(() => {
      const logits = compute.run(() => encoder.forward(x)).to('float32'); // [N, C]
      const against = (labels: torch.Tensor) =>
        torch.crossEntropy(logits, labels, { labelSmoothing: config.labelSmoothing }); // []
      if (teacher !== null) return against(teacher.probabilities(x));
      return partner === null
        ? against(y)
        : against(y)
            .mul(share)
            .add(against(partner), { alpha: 1 - share });
    });
    crossEntropy.backward();
    optimizer.step();
    optimizer.zeroGrad();
    at.step++;
    average?.update();
    if (at.step === totalSteps) average?.intoModel(); // what is kept, tested and loaded by others
    pace.end();
    losses.push(crossEntropy, { step: at.step, lr: optimizer.lr });
    await checkpoints.after(at, totalSteps, io.signal);
  }

  encoder.eval();
  const judged = evaluated && (await judge(encoder, evaluated, { normalisation, device: compute.device }));
  const inLastEpoch = totalSteps % stepsPerEpoch === 0 ? stepsPerEpoch : totalSteps % stepsPerEpoch;
  const result: DistilResult = {
    run: run.path,
    labels: trained.length,
    steps: totalSteps,
    parameters: encoder.parameters().reduce((sum, tensor) => sum + tensor.numel(), 0),
    trainLoss: at.lossSum / inLastEpoch,
    evaluatedOn,
    metrics: judged?.metrics ?? null,
    predicted: judged?.predicted ?? [],
    pictures: judged?.pictures ?? [],
    seconds: checkpoints.seconds,
  };
  const teaching = 'teacher' in wanted ? { teacher: await startHash(wanted.teacher) } : {};
  const hash = runHash('finetune', asResolved(wanted, config), {
    data: set.hash,
    start: await startHash(wanted.init),
    ...teaching,
  });
  run.writeJson('summary.json', {
    kind: 'finetune',
    hash,
    config,
    normalisation,
    classes,
    data: { name: set.name, hash: set.hash, notes: set.notes, train: set.train.count },
    result,
  });
  if (io.own?.encoder?.isInstance !== true) registerRun(hash, run.path);
  run.log(
    `accuracy ${result.metrics === null ? 'not measured' : `${result.metrics.accuracy} on ${result.metrics.count} ${evaluatedOn} images`}, ${result.labels} labels, ${result.seconds.toFixed(1)} s`,
  );
  return result;
}
