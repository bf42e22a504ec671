/**
 * @file Training with labels: all three arms of the poster, which differ in `init` alone. The last linear layer is a new one
 * for the number of classes; crops and mirror images are the only augmentation, as in SimCLR's fine-tuning (appendix B.5).
 */
import * as torch from '@twoview/torch';
import { applyViews, sampleViews } from '../augment/views.js';
import type { FinetuneConfig } from '../config/finetune.js';
import type { ImageSet } from '../data/image-set.js';
import { labelSubset, shuffledIndices } from '../data/indices.js';
import { normalisationOf } from '../data/normalisation.js';
import { openImages } from '../data/open-images.js';
import { overImages } from '../evaluate/features.js';
import { type Metrics, metricsOf } from '../evaluate/metrics.js';
import { createModel } from '../models/create-model.js';
import { place } from '../models/resolve.js';
import { createOptimizer } from '../models/train-state.js';
import { loadCheckpoint, saveCheckpoint } from '../runs/checkpoint.js';
import type { JobIo } from '../runs/events.js';
import { Pace } from '../runs/pace.js';
import { streamGenerator, streamSeed } from '../runs/random.js';
import { RunFolder } from '../runs/run-folder.js';
import { notFinite, stoppedAt } from '../runs/stops.js';
import { initialise } from './initial-weights.js';
import { NO_JITTER, parameterGroups, plan, splitLabels } from './plan.js';

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
  seconds: number;
}

/** Trains a classifier into a run folder. @throws TwoviewError, TorchError */
export async function finetune(config: FinetuneConfig, io: JobIo = {}): Promise<FinetuneResult> {
  await torch.load(config.threads === 'auto' ? {} : { threads: config.threads });
  const set = await openImages(config.data, { imageSize: config.imageSize, skipCorrupt: config.skipCorrupt }, io);
  return RunFolder.during(config.out, 'finetune', config, (run) => trainLoop(config, set, run, io));
}

async function trainLoop(wanted: FinetuneConfig, set: ImageSet, run: RunFolder, io: JobIo): Promise<FinetuneResult> {
  const started = performance.now();
  const known = run.settle(wanted);
  const labelled = labelSubset(set.train, set.classes, known.fraction, known.seed);
  const { trained, evaluated, evaluatedOn } = splitLabels(labelled, set, known);
  const { batchSize, stepsPerEpoch, totalSteps, learningRate, warmupSteps } = plan(trained.length, known);
  const { model, stem } = known;
  const generator = streamGenerator(known.seed, 'init', 0);
  const encoder = createModel(model, { numClasses: set.classes.length, stem, generator });
  const start = await initialise(encoder, known.init, model);
  io.onEvent?.({ type: 'note', text: `${model}: ${start}` });
  const compute = place(encoder, { name: `${model} ${stem}`, imageSize: set.imageSize }, known, io);
  const config = run.settle(known, {
    device: compute.device,
    precision: compute.precision,
    threads: torch.getNumThreads(),
    lr: learningRate,
    imageSize: set.imageSize,
  });
  const normalisation = normalisationOf(set.train);
  const optimizer = createOptimizer(parameterGroups(encoder, config), config, learningRate);
  const schedule = torch.optim.cosineWithWarmup({ base: learningRate, warmupSteps, totalSteps });
  const parts = { encoder, head: null, optimizer };
  const checkpoint = run.file('checkpoints', 'last.safetensors');
  const saved = loadCheckpoint(checkpoint, parts);
  let step = Number(saved?.step ?? 0);
  let lossSum = Number(saved?.lossSum ?? 0);
  run.keepMetricsUpTo(step);
  const save = () =>
    saveCheckpoint(checkpoint, parts, {
      step: String(step),
      lossSum: String(lossSum),
      model: config.model,
      stem: config.stem,
      normalisation: JSON.stringify(normalisation),
    });
  const epochs = Math.ceil(totalSteps / stepsPerEpoch);
  const views = {
    cropScale: [config.cropScaleMin, 1] as const,
    flip: config.flip,
    jitter: NO_JITTER,
    grayscale: 0,
    blur: 0,
  };

  const pace = new Pace();
  let order: torch.Tensor | null = null;
  while (step < totalSteps) {
    const epoch = Math.floor(step / stepsPerEpoch);
    const inEpoch = step % stepsPerEpoch;
    order ??= shuffledIndices(trained, config.seed, epoch);
    if (inEpoch === 0) lossSum = 0;
    optimizer.lr = schedule(step);
    pace.begin();
    const batch = torch.scope(() => {
      const index = order!.narrow(0, inEpoch * batchSize, batchSize);
      const images = set.train.images.indexSelect(0, index).to(compute.device);
      const drawn = sampleViews(batchSize, set.imageSize, views, streamGenerator(config.seed, 'views', step));
      return {
        x: applyViews(images, drawn, set.imageSize, normalisation),
        y: set.train.labels.indexSelect(0, index).to(compute.device),
      };
    });
    pace.batchReady();
    torch.manualSeed(streamSeed(config.seed, 'dropout', step)); // dropout draws from the default generator
    const value = torch.scope(() => {
      // A scope of its own: what the backward pass does not need is free before it begins.
      const loss = torch.scope(() => {
        const logits = compute.run(() => encoder.forward(batch.x)).to('float32');
        return torch.crossEntropy(logits, batch.y, { labelSmoothing: config.labelSmoothing });
      });
      optimizer.zeroGrad();
      loss.backward();
      return loss.item();
    });
    batch.x.dispose();
    batch.y.dispose();
    if (!Number.isFinite(value)) throw notFinite(value, step, run.path);
    optimizer.step();
    optimizer.zeroGrad();
    lossSum += value;
    step++;
    pace.end();
    run.metric({ step, epoch: epoch + 1, loss: value, lr: optimizer.lr });
    io.onEvent?.({
      type: 'step',
      phase: 'finetune',
      epoch: epoch + 1,
      epochs,
      step: inEpoch + 1,
      steps: stepsPerEpoch,
      loss: value,
      lr: optimizer.lr,
      imagesPerSecond: batchSize / pace.secondsPerStep,
      dataShare: pace.dataShare,
      etaSeconds: (totalSteps - step) * pace.secondsPerStep,
    });
    if (step % stepsPerEpoch === 0) {
      order.dispose();
      order = null;
    }
    await new Promise(setImmediate); // lets Ctrl-C through
    if (io.signal?.aborted && step < totalSteps) {
      save();
      throw stoppedAt(run.path, step, totalSteps);
    }
  }
  save();
  encoder.eval();
  using images = evaluated.images();
  using logits = await overImages(images, (x) => encoder.forward(x), { normalisation, compute });
  using labels = evaluated.labels();
  const inLastEpoch = totalSteps % stepsPerEpoch === 0 ? stepsPerEpoch : totalSteps % stepsPerEpoch;
  const result: FinetuneResult = {
    run: run.path,
    labels: trained.length,
    steps: totalSteps,
    parameters: encoder.parameters().reduce((sum, tensor) => sum + tensor.numel(), 0),
    trainLoss: lossSum / inLastEpoch,
    evaluatedOn,
    metrics: metricsOf(logits, labels),
    seconds: (performance.now() - started) / 1000,
  };
  run.writeJson('summary.json', {
    kind: 'finetune',
    config,
    normalisation,
    classes: set.classes,
    data: { name: set.name, hash: set.hash, notes: set.notes, train: set.train.count },
    result,
  });
  run.log(
    `accuracy ${result.metrics.accuracy} on ${result.metrics.count} ${evaluatedOn} images, ${result.labels} labels, ${result.seconds.toFixed(1)} s`,
  );
  order?.dispose();
  encoder.dispose();
  optimizer.dispose();
  return result;
}
