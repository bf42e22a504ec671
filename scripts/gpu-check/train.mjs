/**
 * @file The training of B: the product's pre-training on all images, for as many epochs as fit into the seconds given, or for as many as
 * are asked for, stopped at a checkpoint when the seconds are over.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { parseConfig, pretrainSchema, pretrainSimclr, torch } from './parts.mjs';
import { settingsFor } from './pretraining.mjs';
import { readTensors } from './safetensors.mjs';
import { restore } from './state.mjs';

/** Published with ResNet-18: 0.06 * B / 256, tau 0.5, grayscale 0.1. https://github.com/dkobak/simclr-cifar10 */
const RECIPE = {
  temperature: 0.5,
  grayscale: 0.1,
  schedule: 'cosine',
  optimizer: 'sgd',
  momentum: 0.9,
  weightDecay: 5e-4,
};
const learningRate = (batchSize) => (0.06 * batchSize) / 256;
/** Of the seconds: the rest is loading, the last checkpoint, and a speed that was overestimated. */
const SHARE = 0.96;

/**
 * @param seconds of the whole part @param slack more of them, before it is stopped @param viewsPerSecond as measured
 * @param from folder of a state to go on from, or null @param epochs in all, or null for as many as fit
 * @returns { config, planned, begunAt, result, stopped, viewsPerSecond, course }
 */
export async function train(options, report) {
  const { device, cudnn, work, data, model, precision, sizes, seconds, slack, viewsPerSecond, from } = options;
  const began = performance.now();
  const out = join(work, 'runs', 'train');
  rmSync(out, { recursive: true, force: true });
  await torch.load();
  if (device !== 'cpu') torch.cuda.configure(cudnn === 'benchmark' ? { benchmark: true, deterministic: false } : {});
  const { batchSize, limit } = sizes;
  const images = limit || imagesIn(data);
  const stepsPerEpoch = Math.floor(images / batchSize);
  const fits = Math.max(1, Math.floor((SHARE * seconds * viewsPerSecond) / (2 * batchSize * stepsPerEpoch)));
  const earlier = from === null ? null : { ...restore(from, out), ...settingsOf(out) };
  const done = earlier === null ? 0 : Math.floor(earlier.step / stepsPerEpoch);
  const epochs = options.epochs ?? (earlier !== null && earlier.epochs > done ? earlier.epochs : done + fits);
  const wanted = {
    ...{ model, precision, batchSize, limit, ...RECIPE, lr: learningRate(batchSize), heldOut: 0 },
    ...{ warmupEpochs: Math.min(10, epochs / 10), ...settingsFor(cudnn), ...earlier?.settings },
    ...{ data, device, out, epochs, knnEvery: epochs, checkpointMinutes: 1, resume: earlier !== null },
  };
  const config = parseConfig(pretrainSchema, wanted);
  if (earlier !== null) writeFileSync(join(out, 'config.yaml'), stringify({ kind: 'pretrain', ...config }));
  const result = { config, planned: { seconds, viewsPerSecond, fits, stepsPerEpoch }, begunAt: earlier, course: [] };
  report(result);
  console.log(
    `${epochs} epochs of ${stepsPerEpoch} steps, ${done} of them done before, ${fits} fit into ${seconds.toFixed(0)} s`,
  );

  const controller = new AbortController();
  const bell = setTimeout(() => controller.abort(), 1000 * (seconds + slack) - (performance.now() - began));
  let [told, steps, first, last] = [0, 0, 0, 0];
  const onEvent = (event) => {
    const now = performance.now();
    if (event.type === 'note' || event.type === 'warning') console.log(event.text);
    if (event.type === 'metrics')
      result.course.push({ epoch: event.epoch, seconds: (now - began) / 1000, ...event.values });
    if (event.type !== 'step') return;
    if (steps++ === 0) first = now;
    last = now;
    if (now - told < 5000) return;
    told = now;
    console.log(
      `epoch ${event.epoch}/${epochs}, loss ${event.loss.toFixed(4)}, ${event.imagesPerSecond.toFixed(0)} views/s`,
    );
    report(result);
  };
  try {
    result.result = await pretrainSimclr(config, { onEvent, signal: controller.signal });
  } catch (error) {
    if (error?.code !== 'STOPPED') throw error;
    result.stopped = error.what ?? error.message;
  }
  clearTimeout(bell);
  result.viewsPerSecond = (2000 * batchSize * (steps - 1)) / (last - first);
  if (device !== 'cpu') result.memory = torch.cuda.memory(device);
  return result;
}

/** From the header of the safetensors file. */
function imagesIn(file) {
  return readTensors(file).tensors['train.images'].shape[0];
}

/** @returns the settings of a run, apart from those of where and for how long, and its epochs */
function settingsOf(folder) {
  const { kind, out, data, device, epochs, resume, threads, checkpointMinutes, knnEvery, ...settings } = parse(
    readFileSync(join(folder, 'config.yaml'), 'utf8'),
  );
  return { epochs, settings };
}
