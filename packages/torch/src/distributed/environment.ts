/** @file Where and as whom a process joins the others, by the variables that torchrun, SLURM and operators of Kubernetes set. */
import { TorchError } from '../error.js';

export interface Meeting {
  /** Number of this process, from 0. */
  rank: number;
  /** Number of processes. */
  size: number;
  /** Number of this process among those of its machine. */
  localRank: number;
  /** Machine of process 0. */
  host: string;
  port: number;
  /** Milliseconds that all have to come, and that a collective may take. */
  timeout: number;
  /** Name of the network interface, as `eth0`; empty lets the machine's name decide. */
  networkInterface: string;
}

const TIMEOUT_SECONDS = 300;

/**
 * @returns null where these variables name no more than one process
 * @throws TorchError ARGUMENT when they contradict each other or are incomplete
 */
export function meetingFrom(env: Record<string, string | undefined>): Meeting | null {
  const underSlurm = env.RANK === undefined && env.SLURM_PROCID !== undefined && env.MASTER_ADDR !== undefined;
  const names = underSlurm
    ? { rank: 'SLURM_PROCID', size: 'SLURM_NTASKS', localRank: 'SLURM_LOCALID' }
    : { rank: 'RANK', size: 'WORLD_SIZE', localRank: 'LOCAL_RANK' };
  if (env[names.rank] === undefined && env[names.size] === undefined) return null;
  const number = (name: string, fallback?: number): number => {
    const text = env[name];
    if (text === undefined && fallback !== undefined) return fallback;
    if (text !== undefined && /^\d+$/.test(text)) return Number(text);
    throw invalid(`${name} must be a number`, text === undefined ? `${name} is not set` : `${name}=${text}`);
  };
  const size = number(names.size);
  const rank = number(names.rank);
  if (rank >= size)
    throw invalid(
      'a process has a number below the number of processes',
      `${names.rank}=${rank}, ${names.size}=${size}`,
    );
  if (size === 1) return null;
  if (!env.MASTER_ADDR) throw invalid('MASTER_ADDR must name the machine of process 0', 'MASTER_ADDR is not set');
  return {
    ...{ rank, size, localRank: number(names.localRank, 0), host: env.MASTER_ADDR, port: number('MASTER_PORT', 29500) },
    timeout: 1000 * number('TWOVIEW_TIMEOUT', TIMEOUT_SECONDS),
    networkInterface: env.GLOO_SOCKET_IFNAME ?? '',
  };
}

const invalid = (what: string, where: string): TorchError =>
  new TorchError('ARGUMENT', what, {
    where,
    next: [
      'twoview launch, torchrun, srun and Kubernetes operators set RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT',
    ],
  });

/**
 * From libtorch 2.13 on gradients do not pass `allGather`, which could go unnoticed. Gloo calls
 * functions of libuv at which Bun and Deno end.
 *
 * @throws TorchError PROCESS_GROUP
 */
export function requireExchange(
  libtorch: string,
  runtime: Record<string, string | undefined> = process.versions,
): void {
  const [major, minor] = libtorch.split('.').map(Number) as [number, number];
  const refuse = (what: string, next: string) => {
    throw new TorchError('PROCESS_GROUP', `processes cannot train together ${what}`, { next: [next] });
  };
  if ((runtime.bun ?? runtime.deno) !== undefined) refuse('under Bun and Deno', 'use Node');
  if (major !== 2 || minor > 12)
    refuse(
      `with libtorch ${libtorch} yet`,
      'use 2.9 to 2.12: TWOVIEW_LIBTORCH=FOLDER, or python3 -m pip install torch==2.11.0',
    );
}
