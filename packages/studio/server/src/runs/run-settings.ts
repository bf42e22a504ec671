/** @file Settings of a run: what a form may set, as JSON schema, and what the studio itself adds. */
import { z } from 'zod';
import type { RunCommand } from '../api.js';
import { Refusal } from '../refusal.js';

/** Read when the first run is asked for: the library is as much to read as the rest of the server together. */
async function library() {
  const { compareSchema, finetuneSchema, parseConfig, pretrainSchema } = await import('twoview');
  return { parseConfig, schemas: { compare: compareSchema, finetune: finetuneSchema, pretrain: pretrainSchema } };
}
const COMMANDS: readonly string[] = ['compare', 'finetune', 'pretrain'] satisfies RunCommand[];

/** What the studio decides: where images come from, where the run goes, and what it may take over. */
const OWN = ['data', 'out', 'resume', 'own', 'reuse'];
/** Would read any file or address that the page names; weights are named where the studio is started. */
const SAFE_STARTS = ['init', 'transferData', 'transferInit', 'teacher'];

export const isCommand = (name: string): name is RunCommand => COMMANDS.includes(name);

/** JSON schema of what a form sets: types, bounds, defaults and sentences. */
export async function formSchema(command: RunCommand): Promise<unknown> {
  const { schemas } = await library();
  const { shape } = schemas[command] as { shape: Record<string, z.ZodType> };
  const kept = Object.entries(shape).filter(([name]) => !OWN.includes(name));
  return z.toJSONSchema(z.strictObject(Object.fromEntries(kept)), { io: 'input', unrepresentable: 'any' });
}

/**
 * @param starts run ids of this project by name, which a start may be
 * @returns the whole settings of a job @throws Refusal BAD_REQUEST naming every problem
 */
export async function runSettings(
  command: RunCommand,
  given: Record<string, unknown>,
  { data, out, starts }: { data: string; out: string; starts: ReadonlyMap<string, string> },
): Promise<Record<string, unknown>> {
  const { parseConfig, schemas } = await library();
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
    parseConfig(schemas[command] as never, { ...settings, data, out }, 'the form');
  } catch (error) {
    throw new Refusal('BAD_REQUEST', (error as Error).message.split('\n  where')[0]!);
  }
  return { ...settings, data, out };
}
