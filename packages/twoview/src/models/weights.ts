/** @file Weights of a run, of a file (.safetensors, .pth, .pt, .bin) or by name, read without running anything and fitted to a network. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { TwoviewError } from '../errors.js';
import { encoderWeights, headWeights } from '../runs/checkpoint.js';
import type { JobIo } from '../runs/events.js';
import { canAdapt, shrinkKernel } from './adapt-stem.js';
import type { Encoder } from './create-model.js';
import { fetchPublished, isPublished } from './published.js';

export interface Weights extends Disposable {
  file: string;
  /** The encoder's own, without projection head and optimiser. */
  tensors: Record<string, Tensor>;
  /** The projection head's, under its own keys; none in files of others. */
  head: Record<string, Tensor>;
  /** What twoview wrote beside them: model, stem, normalisation; empty for files of others. */
  metadata: Record<string, string>;
}

const PICKLES = /\.(pth|pt|bin|ckpt)$/;
/** Whether a key names what stands on h: torchvision's or timm's last linear layer, and our neck below it. */
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
  if (existsSync(file) && PICKLES.test(file)) {
    return { file, tensors: torch.pth.findStateDict(await torch.pth.load(file)), head: {}, metadata: {} };
  }
  if (existsSync(file) && file.endsWith('.safetensors')) {
    return torch.scope(() => {
      const { tensors, metadata } = torch.safetensors.load(file);
      return { file, tensors: encoderWeights(tensors), head: headWeights(tensors), metadata };
    });
  }
  throw new TwoviewError('RUN_NOT_FOUND', {
    what: 'there are no weights here',
    where: runOrFile,
    next: ['name a run folder with checkpoints/, a .safetensors or .pth file, imagenet, or hub:OWNER/NAME'],
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
  /** Keys of tensors that were brought to another shape, and how. */
  adapted: string[];
  /** Keys that the encoder has no use for: the classifier of another task. */
  dropped: string[];
}

/**
 * Copies the encoder's weights in; a classifier keeps its fresh ones, and a 7x7 first convolution is shrunk to a 3x3 stem.
 *
 * @throws TwoviewError WEIGHTS_MISMATCH naming the keys that do not fit
 */
export function loadEncoder(encoder: Encoder, { tensors, file, metadata }: Weights, name: string): LoadReport {
  const own = Object.fromEntries(Object.entries(encoder.stateDict()).filter(([key]) => !isClassifier(key)));
  const given = Object.fromEntries(
    Object.entries(tensors).filter(([key]) => !isClassifier(key) && !key.endsWith('.num_batches_tracked')),
  );
  const adapted: string[] = [];
  for (const [key, tensor] of Object.entries(given)) {
    const target = own[key];
    if (target === undefined || !canAdapt(key, tensor, target)) continue;
    const size = target.shape[2]!;
    given[key] = shrinkKernel(tensor, size);
    adapted.push(`${key} from ${tensor.shape[2]}x${tensor.shape[2]} to ${size}x${size}`);
  }
  // Files from before PyTorch 0.4.1 lack this counter, which no result depends on.
  const keys = Object.keys(own).filter((key) => !key.endsWith('.num_batches_tracked'));
  const missing = keys.filter((key) => !Object.hasOwn(given, key));
  const unknown = Object.keys(given).filter((key) => !Object.hasOwn(own, key));
  const misshaped = keys.filter(
    (key) => Object.hasOwn(given, key) && String(given[key]!.shape) !== String(own[key]!.shape),
  );
  if (missing.length + unknown.length + misshaped.length > 0) {
    throw mismatch({ missing, unknown, 'of another shape': misshaped }, file, name, metadata);
  }
  encoder.loadStateDict(given, { strict: false });
  for (const key of Object.keys(given)) if (given[key] !== tensors[key]) given[key]!.dispose(); // made here
  return { loaded: keys.length, adapted, dropped: Object.keys(tensors).filter(isClassifier) };
}

/** The report in words. */
export const describeLoad = ({ loaded, adapted, dropped }: LoadReport, { file }: Weights): string =>
  [
    `${loaded} tensors of ${file}`,
    ...(adapted.length > 0 ? [`adapted ${adapted.join(', ')}`] : []),
    ...(dropped.length > 0 ? [`left out ${dropped.join(', ')}`] : []),
  ].join('; ');

function mismatch(
  keys: Record<string, string[]>,
  file: string,
  name: string,
  { model, stem }: Record<string, string>,
): TwoviewError {
  const lists = Object.entries(keys)
    .filter(([, list]) => list.length > 0)
    .map(
      ([title, list]) => `${title} (${list.length}): ${list.slice(0, 5).join(', ')}${list.length > 5 ? ', ...' : ''}`,
    );
  return new TwoviewError('WEIGHTS_MISMATCH', {
    what: ['these weights are of another network', ...lists].join('\n  '),
    where: `${file} for ${name}`,
    next: [
      model === undefined
        ? 'name the network (--model, --stem) that the weights were made with'
        : `they were made with --model ${model} --stem ${stem}`,
    ],
  });
}
