/** @file Weights of a run, of a file or by name, read without running anything and fitted to a network. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from '@twoview/torch';
import { TwoviewError } from '../errors.js';
import { encoderWeights, headWeights } from '../runs/checkpoint.js';
import type { JobIo } from '../runs/events.js';
import { canAdapt, shrinkKernel } from './adapt-stem.js';
import type { Encoder } from './create-model.js';
import { byKind, fitNames } from './fit-names.js';
import { fetchPublished, isPublished } from './published.js';
import { readWeightsFile } from './weights-file.js';

export interface Weights extends Disposable {
  file: string;
  /** The encoder's own, without projection head and optimizer. */
  tensors: Record<string, Tensor>;
  /** The projection head's, under its own keys; none in files of others. */
  head: Record<string, Tensor>;
  /** What twoview wrote beside them: model, stem, normalisation; empty for files of others. */
  metadata: Record<string, string>;
}

/** Whether a key belongs to a classifier on h: torchvision's or timm's last linear layer, and the head layer below it. */
export const isClassifier = (key: string) => /^(fc|head\.fc|classifier|neck)\./.test(key);

/**
 * @param from a run folder, a weights file, `imagenet` or `hub:OWNER/NAME`
 * @param model the network that is asked for, which `imagenet` needs
 * @throws TwoviewError RUN_NOT_FOUND, CONFIG_INVALID; TorchError for damaged files and downloads that fail
 */
export async function readWeights(from: string, model?: string, io: JobIo = {}): Promise<Weights> {
  if (!isPublished(from)) return withDispose(await readFile(from));
  const { file, metadata } = await fetchPublished(from, model, io);
  return withDispose({ ...(await readFile(file)), metadata });
}

async function readFile(runOrFile: string): Promise<Omit<Weights, typeof Symbol.dispose>> {
  const inRun = join(runOrFile, 'checkpoints', 'last.safetensors');
  const file = existsSync(inRun) ? inRun : runOrFile;
  if (existsSync(file) && statSync(file).isFile()) {
    const { tensors, metadata } = await readWeightsFile(file);
    const [encoder, head] = [encoderWeights(tensors), headWeights(tensors)];
    const used = new Set([...Object.values(encoder), ...Object.values(head)]);
    for (const tensor of Object.values(tensors)) if (!used.has(tensor)) tensor.dispose();
    return { file, tensors: encoder, head, metadata };
  }
  throw new TwoviewError('RUN_NOT_FOUND', {
    what: existsSync(file) ? 'this folder holds no weights' : 'there are no weights here',
    where: runOrFile,
    next: ['name a run folder with checkpoints/, a file of safetensors or PyTorch, imagenet, or hub:OWNER/NAME'],
  });
}

const withDispose = (weights: Omit<Weights, typeof Symbol.dispose>): Weights => ({
  ...weights,
  [Symbol.dispose]() {
    for (const tensor of [...Object.values(weights.tensors), ...Object.values(weights.head)]) tensor.dispose();
  },
});

/** What was done with weights, key by key. */
export interface LoadReport {
  loaded: number;
  /** What was taken off before the names of all keys. */
  prefix: string;
  /** How keys were called otherwise; null where they were not. */
  naming: string | null;
  /** Other prefixes under which the network would have fitted. */
  others: string[];
  /** Keys of tensors that were brought to another shape, and how. */
  adapted: string[];
  /** Keys that the encoder has no use for: the classifier of another task, projection heads, optimizers. */
  dropped: string[];
}

/**
 * Copies the encoder's weights in; a classifier keeps its fresh ones, and a 7x7 first convolution is shrunk to a 3x3 stem.
 *
 * @throws TwoviewError WEIGHTS_MISMATCH naming the keys that do not fit
 */
export function loadEncoder(encoder: Encoder, { tensors, file, metadata }: Weights, name: string): LoadReport {
  const own = Object.fromEntries(Object.entries(encoder.stateDict()).filter(([key]) => !isClassifier(key)));
  // Files from before PyTorch 0.4.1 lack this counter, which no result depends on.
  const keys = Object.keys(own).filter((key) => !isCounter(key));
  const { prefix, naming, nameOf, missing, others } = fitNames(keys, Object.keys(tensors));
  const used = new Set(Object.keys(own).map(nameOf));
  const rest = Object.keys(tensors).filter((key) => !used.has(key));
  // A deeper network has all keys of this one, and more in the same parts.
  const parts = new Set(keys.map((key) => nameOf(key).slice(prefix.length).split('.')[0]!));
  const unknown = rest.filter((key) => {
    const inner = key.slice(prefix.length);
    return key.startsWith(prefix) && !isClassifier(inner) && !isCounter(key) && parts.has(inner.split('.')[0]!);
  });
  const given: Record<string, Tensor> = {};
  const adapted: string[] = [];
  for (const key of keys) {
    const tensor = tensors[nameOf(key)];
    if (tensor === undefined) continue;
    const target = own[key]!;
    given[key] = tensor;
    if (!canAdapt(key, tensor, target)) continue;
    const size = target.shape[2]!;
    given[key] = shrinkKernel(tensor, size);
    adapted.push(`${key} from ${tensor.shape[2]}x${tensor.shape[2]} to ${size}x${size}`);
  }
  const made = Object.entries(given).filter(([key, tensor]) => tensor !== tensors[nameOf(key)]);
  const misshaped = Object.keys(given).filter((key) => String(given[key]!.shape) !== String(own[key]!.shape));
  try {
    if (missing.length + unknown.length + misshaped.length > 0) {
      throw mismatch({ missing, unknown, 'of another shape': misshaped }, { file, name, metadata, prefix });
    }
    encoder.loadStateDict(given, { strict: false });
  } finally {
    for (const [, tensor] of made) tensor.dispose();
  }
  return { loaded: keys.length, prefix, naming, others, adapted, dropped: rest.filter((key) => !isCounter(key)) };
}

const isCounter = (key: string): boolean => key.endsWith('num_batches_tracked');

/** The report in words. */
export const describeLoad = (
  { loaded, prefix, naming, others, adapted, dropped }: LoadReport,
  { file }: Weights,
): string =>
  [
    `${loaded} tensors of ${file}`,
    ...(prefix === '' ? [] : [`"${prefix}" was taken off their names`]),
    ...(naming === null ? [] : [`their names are ${naming}`]),
    ...(others.length > 0
      ? [`those under ${others.map((other) => `"${other}"`).join(', ')} fit as well and were not taken`]
      : []),
    ...(adapted.length > 0 ? [`adapted ${adapted.join(', ')}`] : []),
    ...(dropped.length > 0 ? [`left out ${byKind(dropped)}`] : []),
  ].join('; ');

function mismatch(
  keys: Record<string, string[]>,
  {
    file,
    name,
    metadata: { model, stem },
    prefix,
  }: { file: string; name: string; metadata: Record<string, string>; prefix: string },
): TwoviewError {
  const lists = Object.entries(keys)
    .filter(([, list]) => list.length > 0)
    .map(
      ([title, list]) => `${title} (${list.length}): ${list.slice(0, 5).join(', ')}${list.length > 5 ? ', ...' : ''}`,
    );
  return new TwoviewError('WEIGHTS_MISMATCH', {
    what: [
      `these weights are of another network${prefix === '' ? '' : `, also without the prefix "${prefix}" of most keys`}`,
      ...lists,
    ].join('\n  '),
    where: `${file} for ${name}`,
    next: [
      model === undefined
        ? 'name the network (--model, --stem) that the weights were made with'
        : `they were made with --model ${model} --stem ${stem}`,
    ],
  });
}
