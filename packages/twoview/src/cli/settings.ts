/** @file The settings of a command: preset, then config file, then flags; checked all at once. */
import { existsSync, readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { closest } from '../config/closest.js';
import { parseConfig } from '../config/parse.js';
import { TwoviewError } from '../errors.js';
import { PRESETS } from '../experiment/presets.js';
import type { JobIo } from '../runs/events.js';
import { readFlags, type Setting } from './flags.js';

export async function readSettings<Schema extends z.ZodObject>(
  schema: Schema,
  settings: readonly Setting[],
  options: Record<string, unknown>,
  io: JobIo,
): Promise<z.output<Schema>> {
  const preset = options.preset === undefined ? {} : await presetSettings(String(options.preset), options.data, io);
  const file = options.config === undefined ? {} : readConfigFile(String(options.config));
  const given = readFlags(settings, options, merge(preset, file));
  return parseConfig(schema, given, options.config === undefined ? 'command line' : `${options.config}, command line`);
}

async function presetSettings(name: string, data: unknown, io: JobIo): Promise<Record<string, unknown>> {
  const preset = PRESETS[name];
  if (preset !== undefined) {
    return data === undefined && preset.atHand ? merge(preset.settings, await preset.atHand(io)) : preset.settings;
  }
  const near = closest(name, Object.keys(PRESETS));
  throw new TwoviewError('CONFIG_INVALID', {
    what: `no preset is called ${name}${near === null ? '' : `; did you mean ${near}?`}`,
    where: `--preset ${name}`,
    next: Object.entries(PRESETS).map(([key, { about }]) => `--preset ${key}  ${about}`),
  });
}

function readConfigFile(path: string): Record<string, unknown> {
  if (!existsSync(path)) {
    throw new TwoviewError('CONFIG_INVALID', {
      what: 'there is no such config file',
      where: `--config ${path}`,
      next: ['--print-config  prints one to start from'],
    });
  }
  try {
    const value: unknown = parse(readFileSync(path, 'utf8')) ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) throw new Error('it must hold lines of "setting: value"');
    const { kind: _, ...settings } = value as Record<string, unknown>; // a run's own config.yaml may be used again
    return settings;
  } catch (error) {
    throw new TwoviewError('CONFIG_INVALID', {
      what: `this config file cannot be read: ${error instanceof Error ? error.message : error}`,
      where: error instanceof YAMLParseError ? `${path}, line ${error.linePos?.[0].line}` : path,
      next: ['--print-config  prints one that can'],
      cause: error,
    });
  }
}

/** Groups are merged, everything else is replaced. */
function merge(below: Record<string, unknown>, above: Record<string, unknown>): Record<string, unknown> {
  const isGroup = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const result = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const old = result[key];
    result[key] = isGroup(old) && isGroup(value) ? merge(old, value) : value;
  }
  return result;
}
