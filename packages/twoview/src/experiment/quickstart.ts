/** @file What the quickstart runs on: CIFAR-10 where it can be had, else shapes, and says so. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cachedCifar, downloadCifar } from '../data/sources/cifar-named.js';
import { dataRoot } from '../data/store/cache.js';
import type { JobIo } from '../runs/events.js';

/** Seconds of silence after which the quickstart stops waiting for a server. */
const PATIENCE = 10;

/** Settings that the preset leaves open: data, source of the transfer, and what depends on the size of the set. */
export async function quickstartData(io: JobIo): Promise<Record<string, unknown>> {
  try {
    const folder =
      cachedCifar('cifar10') ?? (await downloadCifar('cifar10', io, { stallMs: PATIENCE * 1000, attempts: 2 }));
    io.onEvent?.({ type: 'note', text: `data: CIFAR-10 in ${folder}` });
    const source = join(dataRoot(), 'imagenet200-32');
    const transferData = existsSync(source) ? source : 'shapes-source';
    return { data: 'cifar10', transferData, pretrain: { epochs: 3, knnEvery: 1, k: 200 }, transfer: { epochs: 1 } };
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    const text = [
      `CIFAR-10 is not in the cache and could not be downloaded (${why}).`,
      '         The quickstart uses generated shapes instead: real training, but no photographs.',
      `         To use CIFAR-10, put its folder cifar-10-batches-bin into ${dataRoot()}, or set TWOVIEW_DATA.`,
    ].join('\n');
    io.onEvent?.({ type: 'warning', text });
    return { data: 'shapes', transferData: 'shapes-source' };
  }
}
