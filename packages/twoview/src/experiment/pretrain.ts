/** @file `twoview pretrain`, by either method: SimCLR without labels, or with labels as the source of a transfer. */
import { distributed } from '@twoview/torch';
import { type FinetuneConfig, finetuneSchema } from '../config/finetune.js';
import { parseConfig } from '../config/parse.js';
import { type PretrainConfig, pretrainSchema } from '../config/pretrain.js';
import { TwoviewError } from '../errors.js';
import { finetune } from '../finetune/finetune.js';
import type { FinetuneResult } from '../finetune/outcome.js';
import type { JobIo } from '../runs/events.js';
import { type PretrainResult, pretrainSimclr } from '../ssl/pretrain.js';

export type PretrainOutcome = ({ method: 'simclr' } & PretrainResult) | ({ method: 'supervised' } & FinetuneResult);

/** @throws TwoviewError, TorchError */
export async function pretrain(config: PretrainConfig, io: JobIo = {}): Promise<PretrainOutcome> {
  if (config.method === 'simclr') return { method: 'simclr', ...(await pretrainSimclr(config, io)) };
  if (distributed.meetingFrom(process.env) !== null) {
    throw new TwoviewError('CONFIG_INVALID', {
      what: 'training with labels cannot be shared by several processes; each would do all of it',
      where: '--method supervised',
      next: ['run it in one process', '--method simclr  can be shared'],
    });
  }
  return { method: 'supervised', ...(await finetune(withLabels(config), io)) };
}

/** Supervised pre-training is training from scratch with all labels. @throws TwoviewError CONFIG_INVALID */
function withLabels(config: PretrainConfig): FinetuneConfig {
  const shared = Object.keys(finetuneSchema.shape).filter((key) => Object.hasOwn(config, key));
  const untouched = parseConfig(pretrainSchema, { data: config.data, out: config.out });
  const meaningless = Object.entries(config)
    .filter(
      ([key, value]) => key !== 'method' && !shared.includes(key) && value !== untouched[key as keyof PretrainConfig],
    )
    .map(([key]) => key);
  if (meaningless.length > 0) {
    throw new TwoviewError('CONFIG_INVALID', {
      what: `training with labels has no ${meaningless.join(', ')}`,
      where: '--method supervised',
      next: ['leave these settings out', '--method simclr  has them'],
    });
  }
  return parseConfig(
    finetuneSchema,
    Object.fromEntries(
      shared.map((key) => [key, config[key as keyof PretrainConfig]]).filter(([, value]) => value !== 'auto'),
    ),
  );
}
