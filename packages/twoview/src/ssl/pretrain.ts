/**
 * @file SimCLR pre-training: views, encoder, projection head, NT-Xent, step, as one loop.
 * Source: Chen et al. 2020, arXiv 2002.05709, algorithm 1.
 */
import * as torch from '@twoview/torch';
import { applyViews, sampleViews } from '../augment/views.js';
import type { PretrainConfig } from '../config/pretrain.js';
import { EpochOrder } from '../data/epoch-order.js';
import { heldOutIndices } from '../data/indices.js';
import { openImages } from '../data/open-images.js';
import { TwoviewError } from '../errors.js';
import { learningRates } from '../models/train-state.js';
import { Checkpoints, type Position } from '../runs/checkpoints.js';
import type { JobIo } from '../runs/events.js';
import { runHash } from '../runs/identity.js';
import { Owned } from '../runs/owned.js';
import { Pace } from '../runs/pace.js';
import { streamGenerator } from '../runs/random.js';
import { registerRun } from '../runs/registry.js';
import { RunFolder } from '../runs/run-folder.js';
import { notFinite } from '../runs/stops.js';
import { monitor } from './monitor.js';
import { chanceLine, ntXent } from './ntxent.js';
import { prepare, type Setting } from './setting.js';
import { viewOptions } from './view-options.js';

export interface PretrainResult {
  run: string;
  epochs: number;
  steps: number;
  /** Mean NT-Xent of the last epoch. */
  loss: number;
  /** log(2N - 1). */
  chance: number;
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
export async function pretrainSimclr(config: PretrainConfig, io: JobIo = {}): Promise<PretrainResult> {
  await torch.load(config.threads === 'auto' ? {} : { threads: config.threads });
  using set = await openImages(config.data, { imageSize: config.imageSize, skipCorrupt: config.skipCorrupt }, io);
  return await RunFolder.during(config.out, 'pretrain', config, async (run) => {
    using owned = new Owned();
    const hash = runHash('pretrain', config, { data: set.hash });
    return await trainLoop({ ...prepare(config, set, run, io, owned), hash }, io);
  });
}

async function trainLoop(setting: Setting & { hash: string }, io: JobIo): Promise<PretrainResult> {
  const { config, set, run, encoder, head, optimizer, compute, normalisation, learningRate } = setting;
  const { batchSize, temperature, seed, epochs } = config;
  const heldOut = heldOutIndices(set.train, config.heldOut, seed);
  const trained = heldOut.rest(config.limit);
  using order = new EpochOrder(trained, batchSize, seed);
  const { stepsPerEpoch } = order;
  if (stepsPerEpoch === 0) throw batchTooLarge(config, trained.length);
  const totalSteps = stepsPerEpoch * epochs;
  const warmupSteps = Math.min(Math.round(config.warmupEpochs * stepsPerEpoch), Math.floor(totalSteps / 2));
  const schedule = learningRates(config, { base: learningRate, warmupSteps, totalSteps });
  const { model, stem } = config;
  const about = { model, stem, normalisation: JSON.stringify(normalisation) };
  const parts = { encoder, head, optimizer };
  const checkpoints = new Checkpoints<At>(run, parts, { minutes: config.checkpointMinutes, about });
  const at = checkpoints.takeUp({ step: 0, lossSum: 0, epochLoss: null, knn: null, bestKnn: null }, totalSteps, io);
  const pace = new Pace();

  while (at.step < totalSteps) {
    const { step } = at;
    optimizer.lr = schedule(step);

    pace.begin();
    using views = torch.scope(() => {
      const images = set.train.images.indexSelect(0, order.batch(step)).to(compute.device); // [N, 3, S, S] uint8
      const drawn = sampleViews(
        2 * batchSize,
        set.imageSize,
        viewOptions(config),
        streamGenerator(seed, 'views', step),
      );
      return applyViews(images, drawn, set.imageSize, normalisation); //                       [2N, 3, S, S]
    });
    pace.batchReady();

    // In a scope of its own: what the backward pass does not need is free before it begins.
    using ntXentLoss = torch.scope(() => {
      const h = compute.run(() => encoder.features(views)); //                                 [2N, d]
      const z = compute.run(() => head.forward(h)); //                                         [2N, p]
      const [zA, zB] = torch.ops.unbind(z.reshape([batchSize, 2, -1]), 1); //                  [N, p] each
      return ntXent(zA!, zB!, { temperature }); //                                             []
    });
    ntXentLoss.backward();
    const loss = ntXentLoss.item();
    if (!Number.isFinite(loss)) throw notFinite(`the loss became ${loss}`, step, run.path);
    optimizer.step();
    optimizer.zeroGrad();
    at.step++;
    at.lossSum += loss;
    pace.end();

    const { lr } = optimizer;
    run.metric({ step: at.step, epoch: Math.ceil(at.step / stepsPerEpoch), loss, lr });
    io.onEvent?.(pace.event('pretrain', { step: at.step, stepsPerEpoch, totalSteps, loss, lr, images: 2 * batchSize }));
    if (at.step % stepsPerEpoch === 0) await endEpoch(at.step / stepsPerEpoch);
    await checkpoints.after(at, totalSteps, io.signal);
  }

  /** Mean loss, and now and then kNN and health; the best kNN so far is kept. Held-out images are training images. */
  async function endEpoch(epoch: number): Promise<void> {
    at.epochLoss = at.lossSum / stepsPerEpoch;
    at.lossSum = 0;
    const values: Record<string, number> = { epochLoss: at.epochLoss, chance: chanceLine(batchSize) };
    if (epoch % config.knnEvery === 0 || epoch === epochs) {
      Object.assign(values, await monitor(setting, trained, heldOut.indices));
      at.knn = values.knn ?? null;
    }
    run.metric({ step: at.step, epoch, ...values });
    run.log(`epoch ${epoch}/${epochs} ${JSON.stringify(values)}`);
    io.onEvent?.({ type: 'metrics', phase: 'pretrain', epoch, epochs, values });
    if (values.knn !== undefined && values.knn > (at.bestKnn ?? -1)) {
      at.bestKnn = values.knn;
      checkpoints.saveBest(at);
    }
    torch.trimMemory(); // what kNN took for a moment must not stay with us
  }

  const result: PretrainResult = {
    run: run.path,
    epochs,
    steps: totalSteps,
    loss: at.epochLoss!,
    chance: chanceLine(batchSize),
    knn: at.knn,
    seconds: checkpoints.seconds,
  };
  run.writeJson('summary.json', {
    kind: 'pretrain',
    hash: setting.hash,
    config,
    normalisation,
    classes: set.classes,
    data: { name: set.name, hash: set.hash, notes: set.notes, train: set.train.count },
    result,
  });
  registerRun(setting.hash, run.path);
  return result;
}

function batchTooLarge(config: PretrainConfig, count: number): TwoviewError {
  return new TwoviewError('BATCH_TOO_LARGE', {
    what: `a batch of ${config.batchSize} images cannot be drawn from ${count}`,
    where: `--batch-size ${config.batchSize}`,
    next: [`--batch-size ${Math.max(2, Math.floor(count / 4))}  suits this set`],
  });
}
