/** @file All that a pre-training needs, made from its settings and its images. */
import * as torch from '@twoview/torch';
import type { Normalisation } from '../augment/views.js';
import type { PretrainConfig } from '../config/pretrain.js';
import type { ImageSet } from '../data/image-set.js';
import { normalisationOf } from '../data/normalisation.js';
import type { Compute } from '../models/compute.js';
import type { Encoder } from '../models/create-model.js';
import { place } from '../models/resolve.js';
import { contrastiveLr, createOptimizer } from '../models/train-state.js';
import type { JobIo } from '../runs/events.js';
import type { Owned } from '../runs/owned.js';
import type { RunFolder } from '../runs/run-folder.js';
import { initialNetworks } from './networks.js';

export interface Setting {
  config: PretrainConfig;
  set: ImageSet;
  run: RunFolder;
  encoder: Encoder;
  head: torch.nn.Sequential;
  optimizer: torch.optim.Optimizer;
  compute: Compute;
  normalisation: Normalisation;
  learningRate: number;
}

/** @param owned takes over what must be freed */
export function prepare(wanted: PretrainConfig, set: ImageSet, run: RunFolder, io: JobIo, owned: Owned): Setting {
  const config = run.settle(wanted);
  const { encoder, head } = initialNetworks(config, owned);
  const compute = place(encoder, { name: `${config.model} ${config.stem}`, imageSize: set.imageSize }, config, io);
  head.to({ device: compute.device });
  const learningRate = config.lr === 'auto' ? contrastiveLr(config, config.batchSize) : config.lr;
  const found = {
    device: compute.device,
    precision: compute.precision,
    threads: torch.getNumThreads(),
    lr: learningRate,
    imageSize: set.imageSize,
  };
  io.onEvent?.({ type: 'note', text: `${config.optimizer}, highest learning rate ${learningRate}` });
  const named = [
    ...encoder.namedParameters(),
    ...Array.from(head.namedParameters(), ([name, t]) => [`head.${name}`, t] as const),
  ];
  const groups = torch.optim.decayGroups(named, config.weightDecay);
  const optimizer = owned.add(createOptimizer(groups, config, learningRate));
  return {
    config: run.settle(config, found),
    set,
    run,
    encoder,
    head,
    optimizer,
    compute,
    normalisation: normalisationOf(set.train),
    learningRate,
  };
}
