/** @file Settings of a run: what a form may set, as JSON schema, and what the studio itself adds. */
import {
  type compareSchema as Compare,
  compareSchema,
  type finetuneSchema as Finetune,
  finetuneSchema,
  type pretrainSchema as Pretrain,
  parseConfig,
  pretrainSchema,
} from 'twoview';
import { z } from 'zod';
import type { RunCommand } from '../api.js';
import { Refusal } from '../refusal.js';

type Schema = typeof Compare | typeof Finetune | typeof Pretrain;
const SCHEMAS: Record<RunCommand, Schema> = {
  compare: compareSchema,
  finetune: finetuneSchema,
  pretrain: pretrainSchema,
};

/** What the studio decides: where images come from, where the run goes, and what it may take over. */
const OWN = ['data', 'out', 'resume', 'own', 'reuse'];
/** Would read any file or address that the page names; weights are named where the studio is started. */
const SAFE_STARTS = ['init', 'transferData', 'transferInit', 'teacher'];

export const isCommand = (name: string): name is RunCommand => Object.hasOwn(SCHEMAS, name);

/** JSON schema of what a form sets: types, bounds, defaults and sentences. */
export function formSchema(command: RunCommand): unknown {
  const { shape } = SCHEMAS[command] as { shape: Record<string, z.ZodType> };
  const kept = Object.entries(shape).filter(([name]) => !OWN.includes(name));
  return z.toJSONSchema(z.strictObject(Object.fromEntries(kept)), { io: 'input', unrepresentable: 'any' });
}

/**
 * @param starts run ids of this project by name, which a start may be
 * @returns the whole settings of a job @throws Refusal BAD_REQUEST naming every problem
 */
export function runSettings(
  command: RunCommand,
  given: Record<string, unknown>,
  { data, out, starts }: { data: string; out: string; starts: ReadonlyMap<string, string> },
): Record<string, unknown> {
  const settings = { ...given };
  const own = OWN.filter((name) => name in given);
  if (own.length > 0) throw new Refusal('BAD_REQUEST', `the studio sets ${own.join(', ')} itself`);
  for (const name of SAFE_STARTS) {
    const value = settings[name];
    if (typeof value !== 'string' || value === 'scratch' || value === 'imagenet' || value === '') continue;
    const folder = starts.get(value);
    if (folder === undefined) throw new Refusal('BAD_REQUEST', `${name} must be a run of this project, not ${value}`);
    settings[name] = folder;
  }
  try {
    parseConfig(SCHEMAS[command] as never, { ...settings, data, out }, 'the form');
  } catch (error) {
    throw new Refusal('BAD_REQUEST', (error as Error).message.split('\n  where')[0]!);
  }
  return { ...settings, data, out };
}
