/**
 * @file SimCLR pre-training: views, encoder, projection head, NT-Xent, step, as one loop.
 * Source: Chen et al. 2020, arXiv 2002.05709, algorithm 1.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { PretrainConfig } from '../config/pretrain.js';
import { batchSource } from '../data/batch-source.js';
import { EpochOrder } from '../data/epoch-order.js';
import { heldOutIndices } from '../data/indices.js';
import { TwoviewError } from '../errors.js';
import { requirePart } from '../models/own-network.js';
import { learningRates } from '../models/train-state.js';
import { imagesOf } from '../own/images.js';
import { type OwnIo, withOwn } from '../own/own.js';
import { Checkpoints, type Position } from '../runs/checkpoints.js';
import { asResolved, runHash } from '../runs/identity.js';
import { LateLosses } from '../runs/late-losses.js';
import { noRun } from '../runs/no-run.js';
import { Owned } from '../runs/owned.js';
import { Pace } from '../runs/pace.js';
import { registerRun } from '../runs/registry.js';
import { type Run, RunFolder } from '../runs/run-folder.js';
import { notFinite } from '../runs/stops.js';
import { Team } from '../runs/team.js';
import { type BatchViews, batchViews, expectBatch, ownPart } from './batch-views.js';
import { clipped } from './clipped.js';
import { checkpointActivations, keepActivations } from './forward-pass.js';
import { cachedLoss } from './gradient-cache.js';
import { BANK, monitor } from './monitor.js';
import { type Pretraining, prepare } from './pretraining.js';
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
  /** Over all processes that worked on the run. */
  seconds: number;
}

/** What one step hands to the next. */
interface At extends Position {
  /** Mean loss of the last whole epoch. */
  epochLoss: number | null;
  /** kNN accuracy on the held-out images: when last looked, and the best so far. */
  knn: number | null;
  bestKnn: number | null;
}

/** Pre-trains an encoder into a run folder. @throws TwoviewError, TorchError */
export async function pretrainSimclr(wanted: PretrainConfig, io: OwnIo = {}): Promise<PretrainResult> {
  const config = withOwn(wanted, io.own);
  await torch.load({ flushDenormal: true, ...(config.threads !== 'auto' && { threads: config.threads }) });
  using set = await imagesOf(config.data, config, io);
  using team = Team.join();
  const train = async (run: Run) => {
    using owned = new Owned();
    const training = prepare(config, { set, run, team, io, owned });
    const hash = runHash('pretrain', asResolved(config, training.config), { data: set.hash });
    return await trainLoop({ ...training, hash }, io);
  };
  if (!team.isRankZero) return await train(noRun(config.out));
  return await RunFolder.during(config.out, 'pretrain', config, { data: set }, train);
}

async function trainLoop(training: Pretraining & { hash: string }, io: OwnIo): Promise<PretrainResult> {
  const { config, set, run, team, encoder, head, loss, optimizer, compute, normalisation, learningRate } = training;
  const { batchSize, microBatch, seed, epochs } = config;
  const heldOut = heldOutIndices(set.train, config.heldOut, seed);
  const trained = heldOut.rest(config.limit);
  using source = batchSource(set.train, compute.device);
  if (source.note !== null) io.onEvent?.({ type: 'note', text: source.note });
  using order = new EpochOrder(trained, batchSize, seed, source.indexDevice);
  const { stepsPerEpoch } = order;
  if (stepsPerEpoch === 0) throw batchTooLarge(config, trained.length);
  const { count: ownImages } = team.part(batchSize);
  if (microBatch > 0 && ownImages % microBatch !== 0) throw noDivisor(ownImages, microBatch);
  const totalSteps = stepsPerEpoch * epochs;
  const warmupSteps = Math.min(Math.round(config.warmupEpochs * stepsPerEpoch), Math.floor(totalSteps / 2));
  const taken = { warmupSteps, stepsPerEpoch, heldOut: heldOut.indices.length, bank: Math.min(BANK, trained.length) };
  for (const text of clipped(config, taken)) io.onEvent?.({ type: 'note', text });
  run.writeJson('indices.json', { heldOut: heldOut.indices });
  const schedule = learningRates(config, { base: learningRate, warmupSteps, totalSteps });
  const { model, stem } = config;
  const about = { model, stem, normalisation: JSON.stringify(normalisation) };
  const parts = { encoder, head, optimizer };
  const parameters = [...encoder.parameters(), ...head.parameters()];
  const pace = new Pace();
  using losses = new LateLosses<{ step: number; lr: number }>(compute.device, (part, { step, lr }) => {
    const value = team.mean(part);
    if (!Number.isFinite(value)) throw notFinite(`the loss became ${value}`, step, run.path);
    at.lossSum += value;
    run.metric({ step, epoch: Math.ceil(step / stepsPerEpoch), loss: value, lr });
    io.onEvent?.(pace.event('pretrain', { step, stepsPerEpoch, totalSteps, loss: value, lr, images: 2 * batchSize }));
  });
  const options = { minutes: config.checkpointMinutes, about, settle: () => losses.drain() };
  await using checkpoints = new Checkpoints<At>(run, parts, options, team);
  const at = checkpoints.resume({ step: 0, lossSum: 0, epochLoss: null, knn: null, bestKnn: null }, totalSteps, io);

  const chance = loss.collapsed(batchSize);
  const project = (views: Tensor): Tensor => {
    const h = compute.run(() => encoder.features(views)); //                                   [2N, d]
    return compute.run(() => head.forward(h)); //                                              [2N, p]
  };

  const inParts = partwise({ ...training, project });
  // Parts add up their gradients, and exchange the sums themselves.
  using reducer = inParts === null && team.group ? new torch.distributed.Reducer(parameters, team.group) : null;
  const averaged = (backward: () => void) => (reducer === null ? backward() : reducer.during(backward));

  while (at.step < totalSteps) {
    const { step } = at;
    optimizer.lr = schedule(step);

    pace.begin();
    using value = torch.scope(() => {
      const indices = order.batch(step); //                                                    [N]
      const batch = batchViews(training, source, indices, step);
      const labels = loss.asksForLabels ? source.labels(ownPart(training, indices)) : null; //  [N]
      if (step + 1 < totalSteps) expectBatch(training, source, order.batch(step + 1));
      if (inParts !== null) {
        pace.batchReady(); // from here on views and steps take turns
        return inParts(batch, labels);
      }
      const views = batch.make(); //                                                           [2N, 3, S, S]
      pace.batchReady();
      // In a scope of its own: what the backward pass does not need is free before it begins.
      const tracked = torch.scope(() => {
        const z = project(views); //                                                           [2N, p]
        return team.group === null ? wholeLoss(loss, { z, labels }) : sharedLoss(loss, { z, labels }, team.group);
      });
      averaged(() => tracked.backward());
      return tracked.detach(); //                                                              []
    });
    optimizer.step();
    optimizer.zeroGrad();
    at.step++;
    pace.end();
    losses.push(value, { step: at.step, lr: optimizer.lr });
    if (at.step % stepsPerEpoch === 0) await endEpoch(at.step / stepsPerEpoch);
    await checkpoints.after(at, totalSteps, io.signal);
  }

  /** Mean loss, and now and then kNN and health; the best kNN so far is kept. Held-out images are training images. */
  async function endEpoch(epoch: number): Promise<void> {
    losses.drain();
    at.epochLoss = at.lossSum / stepsPerEpoch;
    at.lossSum = 0;
    const values: Record<string, number> = { epochLoss: at.epochLoss, ...(chance !== null && { chance }) };
    if (team.isRankZero && (epoch % config.knnEvery === 0 || epoch === epochs)) {
      torch.trimMemory(); // kNN needs blocks of other sizes than a step
      Object.assign(values, await monitor(training, trained, heldOut.indices));
      const broken = Object.entries(values).find(([, value]) => !Number.isFinite(value));
      if (broken !== undefined)
        throw notFinite(`${broken[0]} of the representations became ${broken[1]}`, at.step, run.path);
      at.knn = values.knn ?? null;
    }
    run.metric({ step: at.step, epoch, ...values });
    run.log(`epoch ${epoch}/${epochs} ${JSON.stringify(values)}`);
    io.onEvent?.({ type: 'metrics', phase: 'pretrain', epoch, epochs, values });
    if (values.knn !== undefined && values.knn > (at.bestKnn ?? -1)) {
      at.bestKnn = values.knn;
      await checkpoints.saveBest(at);
    }
    torch.trimMemory();
  }

  const result: PretrainResult = {
    run: run.path,
    epochs,
    steps: totalSteps,
    loss: at.epochLoss!,
    chance,
    knn: at.knn,
    seconds: checkpoints.seconds,
  };
  run.writeJson('summary.json', {
    kind: 'pretrain',
    hash: training.hash,
    config,
    normalisation,
    classes: set.classes,
    data: { name: set.name, hash: set.hash, notes: set.notes, train: set.train.count },
    result,
  });
  // The first weights of an object are nobody's but its owner's: no other run can have the same result by its settings.
  if (team.isRankZero && io.own?.encoder?.isInstance !== true) registerRun(training.hash, run.path);
  return result;
}

/** How a step is computed that does not keep all its activations; null where it does. */
function partwise({
  config,
  team,
  encoder,
  head,
  compute,
  project,
  loss,
}: Pretraining & { project: (views: Tensor) => Tensor }) {
  const { microBatch, recompute, batchSize } = config;
  if (microBatch === 0 && !recompute) return null;
  if (recompute) requirePart(encoder, 'segments', '--recompute');
  const networks = [encoder, head];
  const segments = [...encoder.segments(), (h: Tensor) => head.forward(h)];
  const through = recompute
    ? checkpointActivations(
        segments.map((segment) => (x: Tensor) => compute.run(() => segment(x))),
        networks,
      )
    : keepActivations(project);
  const atOnce = microBatch || team.part(batchSize).count;
  return (batch: BatchViews, labels: Tensor | null) =>
    cachedLoss(batch, through, { microBatch: atOnce, loss, labels, networks, team });
}

function noDivisor(images: number, microBatch: number): TwoviewError {
  const divisors = Array.from({ length: images }, (_, i) => i + 1).filter((one) => images % one === 0);
  const near = divisors.findLast((one) => one > 1 && one <= microBatch) ?? images;
  return new TwoviewError('CONFIG_INVALID', {
    what: `a batch of ${images} images cannot be cut into equal parts of ${microBatch}`,
    where: `--micro-batch ${microBatch}`,
    next: [`--micro-batch ${near}  divides it`],
  });
}

function batchTooLarge(config: PretrainConfig, count: number): TwoviewError {
  return new TwoviewError('BATCH_TOO_LARGE', {
    what: `a batch of ${config.batchSize} images cannot be drawn from ${count}`,
    where: `--batch-size ${config.batchSize}`,
    next: [`--batch-size ${Math.max(2, Math.floor(count / 4))}  suits this set`],
  });
}
