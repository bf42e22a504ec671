/** @file What a run computes, as a hash: runs with equal hashes have equal results, wherever they are and whatever they are called. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { RunKind } from '../config/recorded.js';

/** Settings that say where things are and how to go on, not what to compute. Data and start go in by what they hold. */
const ELSEWHERE = new Set([
  'data',
  'init',
  'teacher',
  'run',
  'out',
  'resume',
  'threads',
  'checkpointMinutes',
  'skipCorrupt',
  // How images are read shows in what they hold.
  'background',
  'encoding',
  'pathColumn',
  'labelColumn',
  'splitColumn',
]);

/** Settings that came later, at what was done before there were these: a run of an older version has the same hash. */
const CAME_LATER: Record<string, unknown> = { microBatch: 0, recompute: false };

/**
 * @param config as it was asked for, `auto` included
 * @param inputs hash of the images, and of the weights that the run starts from
 * @returns 16 hexadecimal digits
 */
export function runHash(
  kind: RunKind,
  config: object,
  inputs: { data: string; start?: string; teacher?: string },
): string {
  const settings = Object.entries(config)
    .filter(([key, value]) => !ELSEWHERE.has(key) && !(key in CAME_LATER && value === CAME_LATER[key]))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([kind, settings, inputs]))
    .digest('hex')
    .slice(0, 16);
}

/** What a start is: a name as it is, a run or a file by the bytes of its weights. */
export async function startHash(init: string): Promise<string> {
  const inRun = join(init, 'checkpoints', 'last.safetensors');
  const file = existsSync(inRun) ? inRun : init;
  if (!existsSync(file)) return init;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
