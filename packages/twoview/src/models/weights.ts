/** @file Weights of a run or of a file (.safetensors, .pth, .pt, .bin), read without running anything and fitted to a network. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { TwoviewError } from '../errors.js';
import { encoderWeights } from '../runs/checkpoint.js';
import type { Encoder } from './create-model.js';

export interface Weights extends Disposable {
  file: string;
  /** The encoder's own, without projection head and optimiser. */
  tensors: Record<string, Tensor>;
  /** What twoview wrote beside them: model, stem, normalisation; empty for files of others. */
  metadata: Record<string, string>;
}

const PICKLES = /\.(pth|pt|bin|ckpt)$/;
/** Whether a key of torchvision's or timm's names the last linear layer. */
export const isClassifier = (key: string) => /^(fc|head\.fc|classifier)\./.test(key);

/** @param runOrFile a run folder, or a weights file @throws TwoviewError RUN_NOT_FOUND; TorchError for damaged files */
export async function readWeights(runOrFile: string): Promise<Weights> {
  return withDispose(await readFile(runOrFile));
}

async function readFile(runOrFile: string): Promise<Omit<Weights, typeof Symbol.dispose>> {
  const inRun = join(runOrFile, 'checkpoints', 'last.safetensors');
  const file = existsSync(inRun) ? inRun : runOrFile;
  if (existsSync(file) && PICKLES.test(file)) {
    return { file, tensors: torch.pth.findStateDict(await torch.pth.load(file)), metadata: {} };
  }
  if (existsSync(file) && file.endsWith('.safetensors')) {
    return torch.scope(() => {
      const { tensors, metadata } = torch.safetensors.load(file);
      return { file, tensors: encoderWeights(tensors), metadata };
    });
  }
  throw new TwoviewError('RUN_NOT_FOUND', {
    what: 'there are no weights here',
    where: runOrFile,
    next: ['name a run folder with checkpoints/, or a .safetensors or .pth file'],
  });
}

const withDispose = (weights: Omit<Weights, typeof Symbol.dispose>): Weights => ({
  ...weights,
  [Symbol.dispose]() {
    for (const tensor of Object.values(weights.tensors)) tensor.dispose();
  },
});

/**
 * Copies the encoder's weights in; a classifier keeps its fresh ones.
 *
 * @returns how many tensors were copied
 * @throws TwoviewError WEIGHTS_MISMATCH naming the keys that do not fit
 */
export function loadEncoder(encoder: Encoder, { tensors, file, metadata }: Weights, name: string): number {
  const own = Object.fromEntries(Object.entries(encoder.stateDict()).filter(([key]) => !isClassifier(key)));
  const given = Object.fromEntries(
    Object.entries(tensors).filter(([key]) => !isClassifier(key) && !key.endsWith('.num_batches_tracked')),
  );
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
  return keys.length;
}

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
