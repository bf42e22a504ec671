/**
 * @file SimCLR pre-training: views, encoder, projection head, NT-Xent, step, as one loop.
 * Source: Chen et al. 2020, arXiv 2002.05709, algorithm 1.
 */
import * as torch from '@twoview/torch';
import { applyViews, sampleViews } from '../augment/views.js';
import type { PretrainConfig } from '../config/pretrain.js';
import { heldOutIndices, shuffledIndices } from '../data/indices.js';
import { openImages } from '../data/open-images.js';
import { TwoviewError } from '../errors.js';
import { loadCheckpoint, saveCheckpoint } from '../runs/checkpoint.js';
import type { JobIo } from '../runs/events.js';
import { Pace } from '../runs/pace.js';
import { streamGenerator } from '../runs/random.js';
import { RunFolder } from '../runs/run-folder.js';
import { notFinite, stoppedAt } from '../runs/stops.js';
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
  /** Of this process alone. */
  seconds: number;
}

/** Pre-trains an encoder into a run folder. @throws TwoviewError, TorchError */
export async function pretrainSimclr(config: PretrainConfig, io: JobIo = {}): Promise<PretrainResult> {
  await torch.load(config.threads === 'auto' ? {} : { threads: config.threads });
  const set = await openImages(config.data, { imageSize: config.imageSize, skipCorrupt: config.skipCorrupt }, io);
  return RunFolder.during(config.out, 'pretrain', config, (run) => trainLoop(prepare(config, set, run, io), io));
}

async function trainLoop(setting: Setting, io: JobIo): Promise<PretrainResult> {
  const { config, set, run, encoder, head, optimizer, compute, normalisation, learningRate } = setting;
  const started = performance.now();
  const heldOut = heldOutIndices(set.train, config.heldOut, config.seed);
  const trained = heldOut.rest(config.limit);
  const stepsPerEpoch = Math.floor(trained.length / config.batchSize);
  if (stepsPerEpoch === 0) throw batchTooLarge(config, trained.length);
  const totalSteps = stepsPerEpoch * config.epochs;
  const schedule = torch.optim.cosineWithWarmup({
    base: learningRate,
    warmupSteps: Math.round(config.warmupEpochs * stepsPerEpoch),
    totalSteps,
  });
  const checkpoint = run.file('checkpoints', 'last.safetensors');
  const saved = loadCheckpoint(checkpoint, { encoder, head, optimizer });
  let step = Number(saved?.step ?? 0);
  let lossSum = Number(saved?.lossSum ?? 0);
  let knn: number | null = saved?.knn === undefined || saved.knn === '' ? null : Number(saved.knn);
  run.keepMetricsUpTo(step);
  const save = () =>
    saveCheckpoint(
      checkpoint,
      { encoder, head, optimizer },
      {
        step: String(step),
        lossSum: String(lossSum),
        knn: String(knn ?? ''),
        model: config.model,
        stem: config.stem,
        normalisation: JSON.stringify(normalisation),
      },
    );

  const pace = new Pace();
  let loss = Number(saved?.loss ?? Number.NaN);
  let order: torch.Tensor | null = null;
  while (step < totalSteps) {
    const epoch = Math.floor(step / stepsPerEpoch);
    const inEpoch = step % stepsPerEpoch;
    order ??= shuffledIndices(trained, config.seed, epoch);
    if (inEpoch === 0) lossSum = 0;
    optimizer.lr = schedule(step);

    pace.begin();
    const views = torch.scope(() => {
      const batch = set.train.images.indexSelect(0, order!.narrow(0, inEpoch * config.batchSize, config.batchSize));
      const drawn = sampleViews(
        2 * config.batchSize,
        set.imageSize,
        viewOptions(config),
        streamGenerator(config.seed, 'views', step),
      );
      return applyViews(batch.to(compute.device), drawn, set.imageSize, normalisation); // [2N, 3, S, S]
    });
    pace.batchReady();

    const value = torch.scope(() => {
      // A scope of its own: what the backward pass does not need is free before it begins.
      const loss = torch.scope(() => {
        const h = compute.run(() => encoder.features(views)); //                            [2N, d]
        const z = compute.run(() => head.forward(h)); //                                    [2N, p]
        const [zA, zB] = torch.ops.unbind(z.reshape([config.batchSize, 2, -1]), 1); //      [N, p] each
        return ntXent(zA!, zB!, { temperature: config.temperature });
      });
      optimizer.zeroGrad();
      loss.backward();
      return loss.item();
    });
    views.dispose();
    if (!Number.isFinite(value)) throw notFinite(value, step, run.path);
    optimizer.step();
    optimizer.zeroGrad();
    lossSum += value;
    step++;
    pace.end();

    run.metric({ step, epoch: epoch + 1, loss: value, lr: optimizer.lr });
    io.onEvent?.({
      type: 'step',
      phase: 'pretrain',
      epoch: epoch + 1,
      epochs: config.epochs,
      step: inEpoch + 1,
      steps: stepsPerEpoch,
      loss: value,
      lr: optimizer.lr,
      imagesPerSecond: (2 * config.batchSize) / pace.secondsPerStep,
      dataShare: pace.dataShare,
      etaSeconds: (totalSteps - step) * pace.secondsPerStep,
    });

    if (step % stepsPerEpoch === 0) {
      order.dispose();
      order = null;
      loss = lossSum / stepsPerEpoch;
      const done = epoch + 1;
      const values: Record<string, number> = { epochLoss: loss, chance: chanceLine(config.batchSize) };
      if (done % config.knnEvery === 0 || done === config.epochs) {
        Object.assign(values, await monitor(setting, trained, heldOut.indices));
        knn = values.knn ?? null;
      }
      run.metric({ step, epoch: done, ...values });
      run.log(
        `epoch ${done}/${config.epochs} ${JSON.stringify(values)} ${((2 * config.batchSize) / pace.secondsPerStep).toFixed(0)} views/s`,
      );
      io.onEvent?.({ type: 'metrics', phase: 'pretrain', epoch: done, epochs: config.epochs, values });
      if (done % config.checkpointEvery === 0 || done === config.epochs) save();
      torch.trimMemory(); // what kNN took for a moment must not stay with us
    }
    await new Promise(setImmediate); // lets Ctrl-C through
    if (io.signal?.aborted && step < totalSteps) {
      save();
      throw stoppedAt(run.path, step, totalSteps);
    }
  }
  const result: PretrainResult = {
    run: run.path,
    epochs: config.epochs,
    steps: totalSteps,
    loss: lossSum / stepsPerEpoch,
    chance: chanceLine(config.batchSize),
    knn,
    seconds: (performance.now() - started) / 1000,
  };
  run.writeJson('summary.json', {
    kind: 'pretrain',
    config,
    normalisation,
    classes: set.classes,
    data: { name: set.name, hash: set.hash, notes: set.notes, train: set.train.count },
    result,
  });
  setting.dispose();
  return result;
}

function batchTooLarge(config: PretrainConfig, count: number): TwoviewError {
  return new TwoviewError('BATCH_TOO_LARGE', {
    what: `a batch of ${config.batchSize} images cannot be drawn from ${count}`,
    where: `--batch-size ${config.batchSize}`,
    next: [`--batch-size ${Math.max(2, Math.floor(count / 4))}  suits this set`],
  });
}
