/** @file `twoview select`: which of the training images to label, by frozen representations. */

import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { SelectConfig } from '../config/select.js';
import { type ImageSet, labelList } from '../data/image-set.js';
import { TwoviewError } from '../errors.js';
import { openFrozen } from '../evaluate/frozen.js';
import { imagesOf } from '../own/images.js';
import type { OwnIo } from '../own/own.js';
import { loadEngine } from '../runs/load-engine.js';
import { requireNewFile } from '../runs/new-file.js';
import { endIfAsked } from '../runs/stops.js';
import { indexTensor, requireBudget, type Selection } from './choice.js';
import { kMedoids } from './k-medoids.js';
import { labelledIn } from './labelled-table.js';
import { maxHerding } from './max-herding.js';
import { type Pool, poolOf } from './pool.js';
import { random, stratified } from './random.js';
import { requireNames, writeToLabel } from './to-label.js';
import { typiclust } from './typiclust.js';

export interface Chosen {
  /** From 1. */
  rank: number;
  /** Of the training images. */
  index: number;
  path: string | null;
}

export interface SelectResult {
  /** CSV of path (split and index where images have no files), label, rank. */
  file: string;
  chosen: Chosen[];
  /** Training images. */
  images: number;
  /** Of these, with a label before. */
  labelled: number;
  /** Not offered, since another image has the same pixels. */
  repeats: number;
  seconds: number;
}

const BY_FEATURES = { 'max-herding': maxHerding, typiclust, 'k-medoids': kMedoids };

/** @throws TwoviewError BUDGET_TOO_LARGE, CONFIG_INVALID, LABELS_MISSING, RUN_EXISTS; as `openImages` and `openFrozen`; TorchError */
export async function select(config: SelectConfig, io: OwnIo = {}): Promise<SelectResult> {
  requireNewFile(config.out);
  const { method } = config;
  if (method in BY_FEATURES && config.weights === '') {
    throw new TwoviewError('CONFIG_INVALID', {
      what: `${method} chooses by representations, and no weights are given`,
      where: '--weights',
      next: ['--weights RUN', '--method random  needs none'],
    });
  }
  await loadEngine(config);
  using set = await imagesOf(config.data, config, io);
  requireNames(set);
  const started = performance.now();
  const known = labelledBefore(set, config, io);
  const pool = poolOf((await set.digests()).train, known);
  if (pool.repeats > 0) {
    const text = `note: ${pool.repeats} images have the pixels of another one, which stands for them`;
    io.onEvent?.({ type: 'note', text });
  }
  const { budget, seed } = config;
  const pause = async (done?: number) => {
    if (done !== undefined) io.onEvent?.({ type: 'progress', phase: 'choosing', done, total: budget, unit: 'images' });
    await new Promise(setImmediate); // lets Ctrl-C through
    endIfAsked(io.signal);
  };
  const places = await placesOf(pool, set, config, { budget, seed, labelled: pool.labelled, pause }, io);
  const chosen = places.map((place) => pool.images[place]!);
  writeToLabel(config.out, set, chosen);
  return {
    file: config.out,
    chosen: chosen.map((index, i) => ({ rank: i + 1, index, path: set.train.paths?.[index] ?? null })),
    images: set.train.count,
    labelled: known.size,
    repeats: pool.repeats,
    seconds: (performance.now() - started) / 1000,
  };
}

/** Images of --labelled; where a part of the set has labels, these as well. Where all have one, it is an experiment. */
function labelledBefore(set: ImageSet, { labelled }: SelectConfig, io: OwnIo): Set<number> {
  const known = labelList(set.train).flatMap((label, index) => (label >= 0 ? [index] : []));
  const all = known.length === set.train.count;
  const note = (text: string) => io.onEvent?.({ type: 'note', text: `note: ${text}` });
  if (all) note(`all training images of ${set.name} have a label; they are chosen from as if they had none`);
  else if (known.length > 0) note(`${known.length} images of ${set.name} have a label, and count as chosen`);
  return new Set([...(all ? [] : known), ...(labelled === '' ? [] : labelledIn(labelled, set, io))]);
}

async function placesOf(
  pool: Pool,
  set: ImageSet,
  config: SelectConfig,
  choice: Selection,
  io: OwnIo,
): Promise<number[]> {
  const { method } = config;
  requireBudget(pool.images.length, choice);
  if (method === 'random') return random(pool.images.length, choice);
  if (method === 'stratified') {
    const labels = labelList(set.train);
    return stratified(
      pool.images.map((index) => labels[index]!),
      choice,
    );
  }
  using encoder = await openFrozen(config, set, io);
  using all = await encoder.features(set.train.images, 'features');
  requireFinite(all, config.weights);
  if (pool.images.length === set.train.count) return await BY_FEATURES[method](all, choice);
  using features = torch.scope(() => all.indexSelect(0, indexTensor(pool.images, all)));
  return await BY_FEATURES[method](features, choice);
}

function requireFinite(features: Tensor, weights: string): void {
  const finite = torch.scope(() => features.isfinite().all(1).sum().item());
  if (finite === features.shape[0]) return;
  throw new TwoviewError('WEIGHTS_CORRUPT', {
    what: `${features.shape[0]! - finite} of ${features.shape[0]} representations are not finite`,
    where: weights,
    next: ['take the weights of another run or epoch'],
  });
}
