/** @file The settings of a run folder, and whether a run that is resumed is given the same ones. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileError } from '@twoview/torch';
import { parse, stringify } from 'yaml';
import { READING_DEFAULTS } from '../config/reading-defaults.js';
import { completed, isReadable, isRunKind, type RunKind } from '../config/recorded.js';
import { TwoviewError } from '../errors.js';
import { damaged } from './read-json.js';

/** @throws TwoviewError RUN_NOT_FOUND */
export function readConfig(path: string): Record<string, unknown> & { kind: RunKind } {
  const file = join(path, 'config.yaml');
  if (existsSync(file)) {
    try {
      const value = parse(readFileSync(file, 'utf8'));
      if (typeof value !== 'object' || value === null) throw new Error('it holds no settings');
      return value;
    } catch (error) {
      throw 'syscall' in (error as object) ? fileError(file, error) : damaged(file, error);
    }
  }
  throw new TwoviewError('RUN_NOT_FOUND', {
    what: 'this folder holds no run',
    where: path,
    next: ['name a folder that pretrain, finetune or compare wrote with --out'],
  });
}

/** Settings that say where and how to go on, not what to compute. */
const FREE = new Set(['resume', 'out', 'threads', 'checkpointMinutes']);
/** Settings that say where images are and how they are read: what counts is what they hold, see `requireImages`. */
const IMAGES = new Set(['data', 'unlabelled', 'transferData', ...Object.keys(READING_DEFAULTS)]);
/** Settings that may name a folder or file, which may be spelt in several ways. */
const PATHS = new Set(['init', 'weights', 'teacher', 'run', 'transferWeights']);

const same = (key: string, was: unknown, now: unknown): boolean =>
  JSON.stringify(was) === JSON.stringify(now) ||
  (PATHS.has(key) &&
    typeof was === 'string' &&
    typeof now === 'string' &&
    existsSync(now) &&
    resolve(was) === resolve(now));

/** @throws TwoviewError RUN_CONFIG_MISMATCH where a run was made with other settings, RUN_CORRUPT, RUN_NOT_FOUND */
export function requireSameConfig(path: string, wanted: Record<string, unknown>): void {
  const recorded = readConfig(path);
  if (!isRunKind(recorded.kind)) throw damaged(join(path, 'config.yaml'), `it names no kind of run: ${recorded.kind}`);
  const was = completed(recorded);
  const now = parse(stringify(wanted)) as Record<string, unknown>;
  const known = existsSync(join(path, 'images.json'));
  const keys = [...new Set([...Object.keys(was), ...Object.keys(now)])].filter(
    (key) => !FREE.has(key) && !(known && IMAGES.has(key)),
  );
  const different = keys.filter((key) => now[key] !== 'auto' && !same(key, was[key], now[key]));
  if (different.length === 0) {
    // What `auto` became is not compared.
    if (!isReadable({ ...was, kind: recorded.kind }))
      throw damaged(join(path, 'config.yaml'), 'a setting has no valid value');
    return;
  }
  throw new TwoviewError('RUN_CONFIG_MISMATCH', {
    what: `this run was made with other settings:\n  ${different.map((key) => `${key}: ${JSON.stringify(was[key])} there, ${JSON.stringify(now[key])} here`).join('\n  ')}`,
    where: join(path, 'config.yaml'),
    next: ['give the same settings again', '--out OTHER  starts a new run'],
  });
}
