/** @file What the quickstart runs on, and how: CIFAR-10 where it can be had, else shapes, and says so. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ARMS, POSTER_ARMS } from '../config/compare.js';
import { cachedCifar, downloadCifar } from '../data/sources/cifar-named.js';
import { dataRoot } from '../data/store/cache.js';
import type { JobIo } from '../runs/events.js';

/** Seconds of silence after which the quickstart stops waiting for a server. */
const PATIENCE = 10;
const DRAWN = 'shapes-source';
/** Pixels, each for a third of the operations: in so few of them, small views teach more. */
const VIEWS = [16, 16, 24];

/** For minutes of two cores: docs/defaults.md. The floor of random weights would cost as much as an arm that learns. */
const PHOTOGRAPHS = {
  arms: [...POSTER_ARMS, 'frozen'],
  models: ['airbench'],
  transferData: DRAWN,
  pretrain: { epochs: 1, k: 200, viewSizes: VIEWS },
  transfer: { epochs: 1, viewSizes: VIEWS },
  finetune: { epochs: 1, minSteps: 75, maxSteps: 250, viewSizes: VIEWS },
};

/** Generated images: colour says nothing about their class, so it is changed more. */
export const SHAPES = {
  arms: ARMS,
  models: ['resnet10_narrow'],
  stem: 'cifar-half',
  transferData: DRAWN,
  pretrain: {
    ...{ epochs: 16, batchSize: 128, lr: 0.2, warmupEpochs: 0.5, temperature: 0.2, knnEvery: 4, k: 50 },
    ...{ brightness: 0.6, contrast: 0.6, saturation: 0.8, hue: 0.4, grayscale: 0.5 },
  },
  transfer: { epochs: 4 },
  finetune: { epochs: 6, minSteps: 150, lr: 0.1 },
};

/** @param data what the user named, if anything */
export async function quickstartFor(data: string | undefined, io: JobIo): Promise<Record<string, unknown>> {
  if (data !== undefined) return data === 'shapes' ? SHAPES : PHOTOGRAPHS;
  try {
    const folder =
      cachedCifar('cifar10') ?? (await downloadCifar('cifar10', io, { stallMs: PATIENCE * 1000, attempts: 2 }));
    io.onEvent?.({ type: 'note', text: `data: CIFAR-10 in ${folder}` });
    const source = join(dataRoot(), 'imagenet200-32');
    return { ...PHOTOGRAPHS, data: 'cifar10', ...(existsSync(source) && { transferData: source }) };
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    const text = [
      `CIFAR-10 is not in the cache and could not be downloaded (${why}).`,
      '         The quickstart uses generated shapes instead: real training, but no photographs.',
      `         To use CIFAR-10, put its folder cifar-10-batches-bin into ${dataRoot()}, or set TWOVIEW_DATA.`,
    ].join('\n');
    io.onEvent?.({ type: 'warning', text });
    return { ...SHAPES, data: 'shapes' };
  }
}
