/** @file `twoview pretrain`, by either method: SimCLR without labels, or with labels as the source of a transfer. */

import { finetuneSchema } from '../config/finetune.js';
import { parseConfig } from '../config/parse.js';
import type { PretrainConfig } from '../config/pretrain.js';
import { type FinetuneResult, finetune } from '../finetune/finetune.js';
import type { JobIo } from '../runs/events.js';
import { type PretrainResult, pretrainSimclr } from '../ssl/pretrain.js';

export type PretrainOutcome = ({ method: 'simclr' } & PretrainResult) | ({ method: 'supervised' } & FinetuneResult);

/** @throws TwoviewError, TorchError */
export async function pretrain(config: PretrainConfig, io: JobIo = {}): Promise<PretrainOutcome> {
  if (config.method === 'simclr') return { method: 'simclr', ...(await pretrainSimclr(config, io)) };
  return { method: 'supervised', ...(await finetune(withLabels(config), io)) };
}

/** Supervised pre-training is training from scratch with all labels. */
function withLabels(config: PretrainConfig) {
  const { data, imageSize, skipCorrupt, model, stem, epochs, batchSize, warmupEpochs, optimizer, lr, momentum } =
    config;
  const { weightDecay, cropScaleMin, flip, device, threads, precision, seed, out, checkpointMinutes, resume } = config;
  return parseConfig(finetuneSchema, {
    ...{ data, imageSize, skipCorrupt, model, stem, epochs, batchSize, warmupEpochs, optimizer, lr, momentum },
    ...{ weightDecay, cropScaleMin, flip, device, threads, precision, seed, out, checkpointMinutes, resume },
  });
}
