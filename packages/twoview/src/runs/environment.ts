/** @file What a result was made on. */
import { availableParallelism, cpus, totalmem } from 'node:os';
import * as torch from '@twoview/torch';
import { codeVersion } from './code-version.js';

/** Of all networks, on every device: see `place`. */
export const MEMORY_FORMAT = 'channels_last';

export interface Environment {
  date: string;
  command: string;
  node: string;
  /** See `codeVersion`. */
  code: string;
  torch: string;
  platform: string;
  cpu: string;
  cores: number;
  memoryGiB: number;
  cpuCapability: string;
  /** Names of the GPUs that can be used. */
  gpus: string[];
  threads: number;
}

export function environment(): Environment {
  const { version, cpuCapability } = torch.buildInfo();
  return {
    date: new Date().toISOString(),
    command: ['twoview', ...process.argv.slice(2)].join(' '),
    node: process.version,
    code: codeVersion(),
    torch: version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    cpuCapability,
    gpus: Array.from({ length: torch.cuda.deviceCount() }, (_, i) => torch.cuda.deviceName(i)),
    threads: torch.getNumThreads(),
  };
}
