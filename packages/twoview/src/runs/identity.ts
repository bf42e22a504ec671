/** @file What a run computes, as a hash: runs with equal hashes have equal results, wherever they are and whatever they are called. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as torch from '@twoview/torch';
import type { RunKind } from '../config/recorded.js';
import { codeVersion } from './code-version.js';
import { MEMORY_FORMAT } from './environment.js';
import { shortHash } from './short-hash.js';

/** Settings that say where things are and how to go on, not what to compute. Data and start go in by what they hold. */
const ELSEWHERE = new Set([
  'data',
  'init',
  'weights',
  'teacher',
  'run',
  'out',
  'resume',
  'checkpointMinutes',
  'skipCorrupt',
  // How images are read shows in what they hold.
  'background',
  'encoding',
  'pathColumn',
  'labelColumn',
  'splitColumn',
  'exclude',
]);

/** What a run's numbers depend on besides its settings and inputs. */
export interface Means {
  code: string;
  libtorch: string;
  memoryFormat: string;
  /** The processor's or the GPU's name, and what libtorch uses of it. */
  device: string;
}

/** @param device as resolved: cpu, cuda, cuda:1 */
export function meansOf(device: string): Means {
  const { version, cpuCapability } = torch.buildInfo();
  const name = device.startsWith('cuda')
    ? torch.cuda.deviceName(device)
    : `${cpus()[0]?.model.trim()}, ${cpuCapability}`;
  return { code: codeVersion(), libtorch: version, memoryFormat: MEMORY_FORMAT, device: name };
}

/** How a run computes, as `auto` was resolved. */
export interface Resolved {
  device: string;
  precision: string;
  threads: number | 'auto';
}

/** Of what does not measure its precision: evaluation and inspection. */
export const resolvedHere = ({ device, precision }: { device: string; precision: string }): Resolved => ({
  device: device === 'auto' ? (torch.cuda.isAvailable() ? 'cuda' : 'cpu') : device,
  precision,
  threads: torch.getNumThreads(),
});

/** The settings that were asked for, with what they became where that changes numbers. */
export const asResolved = <Config extends object>(asked: Config, { device, precision, threads }: Resolved) => ({
  ...asked,
  ...{ device, precision, threads },
});

/**
 * @param config as it was asked for, but device, precision and threads as resolved
 * @param inputs hash of the images, and of the weights that the run starts from
 * @returns 16 hexadecimal digits
 */
export function runHash(
  kind: RunKind,
  config: { device: string },
  inputs: { data: string; start?: string; teacher?: string },
  means: Means = meansOf(config.device),
): string {
  const settings = Object.entries(config)
    .filter(([key]) => !ELSEWHERE.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return shortHash(JSON.stringify([kind, settings, inputs, means]));
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
