/** @file Settings that an older version wrote down: those that it did not know yet have their defaults. */
import { z } from 'zod';
import { classifySchema } from './classify.js';
import { compareSchema } from './compare.js';
import { distilSchema, finetuneSchema } from './finetune.js';
import { inspectSchema } from './inspect.js';
import { pretrainSchema } from './pretrain.js';

export type RunKind = 'pretrain' | 'finetune' | 'classify' | 'inspect' | 'experiment';

const SCHEMAS: Record<RunKind, z.ZodObject[]> = {
  pretrain: [pretrainSchema],
  finetune: [finetuneSchema, distilSchema],
  classify: [classifySchema],
  inspect: [inspectSchema],
  experiment: [compareSchema],
};

export const isRunKind = (value: unknown): value is RunKind =>
  typeof value === 'string' && Object.hasOwn(SCHEMAS, value);

/** Whether each setting that is there has a value that this version takes. */
export const isReadable = ({ kind, ...recorded }: Record<string, unknown> & { kind: RunKind }): boolean =>
  SCHEMAS[kind].some(({ shape }) =>
    Object.entries(recorded).every(([key, value]) => !(key in shape) || z.safeParse(shape[key]!, value).success),
  );

/**
 * A new setting's default is what was done before there was the setting, so this is what the older version meant.
 *
 * @returns the settings as they are where this version cannot read them
 */
export function completed({ kind, ...recorded }: Record<string, unknown> & { kind: RunKind }): Record<string, unknown> {
  const readings = SCHEMAS[kind].map((schema) => schema.safeParse(recorded));
  return { kind, ...(readings.find(({ success }) => success)?.data ?? recorded) };
}
