/** @file `twoview embed`: the representation of every image, in one file that Python reads as well. */

import * as torch from '@twoview/torch';
import type { EmbedConfig } from '../config/evaluate.js';
import { labelList } from '../data/image-set.js';
import { writeCsv } from '../data/tables/csv-file.js';
import { TwoviewError } from '../errors.js';
import { imagesOf } from '../own/images.js';
import type { OwnIo } from '../own/own.js';
import { loadEngine } from '../runs/load-engine.js';
import { requireNewFile } from '../runs/new-file.js';
import { openFrozen } from './frozen.js';

export interface EmbedResult {
  file: string;
  /** CSV of index, path (where images have one), class: line i belongs to row i of `features`. */
  index: string;
  count: number;
  featureSize: number;
  seconds: number;
}

/** Writes `features` [N, d] float32 and `labels` [N] int64. @throws TwoviewError, TorchError */
export async function embed(config: EmbedConfig, io: OwnIo = {}): Promise<EmbedResult> {
  requireNewFile(config.out);
  await loadEngine(config);
  using set = await imagesOf(config.data, config, io);
  const split = set[config.split];
  if (split === null) {
    throw new TwoviewError('DATA_EMPTY', {
      what: `there are no ${config.split} images`,
      where: `--split ${config.split}`,
      next: ['--split train'],
    });
  }
  const started = performance.now();
  using encoder = await openFrozen(config, set, io);
  using features = await encoder.features(split.images, 'features');
  using onCpu = features.to('cpu');
  torch.safetensors.save(
    config.out,
    { features: onCpu, labels: split.labels },
    { model: encoder.model, data: set.name, classes: JSON.stringify(set.classes) },
  );
  const index = `${config.out}.csv`;
  const path = (i: number) => (split.paths === null ? [] : [split.paths[i]!]);
  const rows = labelList(split).map((label, i) => [i, ...path(i), set.classes[label] ?? '']);
  writeCsv(index, [['index', ...(split.paths === null ? [] : ['path']), 'class'], ...rows]);
  return {
    file: config.out,
    index,
    count: split.count,
    featureSize: encoder.featureSize,
    seconds: (performance.now() - started) / 1000,
  };
}
