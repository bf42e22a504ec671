/**
 * @file The headers of the CUDA runtime, which the CUDA half is compiled against: those beside the torch of python3, those
 * of a toolkit, or, where neither is whole, two small wheels in our own cache. Their major version must be torch's own.
 */
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { TorchError } from '../error.js';
import type { Libtorch } from './find.js';
import { withLock } from './lock.js';
import type { SetupLog } from './log.js';
import { cacheRoot } from './paths.js';
import { hasPip, pipDownload } from './pip.js';
import { unpack } from './unpack.js';
import { CUDA_HEADERS } from './wheels.js';

/** One has the API, the other what it includes; nvidia's wheels have them in different packages. */
const NEEDED = ['cuda_runtime_api.h', join('crt', 'host_defines.h')];

/** @throws TorchError ENGINE_CUDA, ENGINE_DOWNLOAD, ENGINE_CHECKSUM */
export async function ensureCudaHeaders(torch: Libtorch, log: SetupLog): Promise<string[]> {
  const found = findCudaHeaders(torch);
  if (found !== null) return found;
  const major = cudaMajor(torch.version);
  if (major !== CUDA_HEADERS.cudaMajor || !(await hasPip())) {
    throw new TorchError('ENGINE_CUDA', `there is a GPU, but no headers of CUDA ${major ?? 'of any version'}`, {
      where: candidates(torch.root).join('\n         '),
      next: [
        `install the CUDA toolkit ${major ?? ''}, or name it with CUDA_HOME=FOLDER`,
        'TWOVIEW_CUDA=off  goes on with the CPU alone',
      ],
    });
  }
  await installCudaHeaders(cachedHeaders(), log);
  return [join(cachedHeaders(), 'nvidia', 'cu13', 'include')];
}

/** Folders that together hold all headers, or null. */
export function findCudaHeaders(torch: Pick<Libtorch, 'root' | 'version'>): string[] | null {
  const major = cudaMajor(torch.version);
  const fitting = candidates(torch.root).filter((folder) => {
    const version = runtimeMajor(folder);
    return version === null ? existsSync(join(folder, NEEDED[1]!)) : version === major;
  });
  return NEEDED.every((file) => fitting.some((folder) => existsSync(join(folder, file)))) ? fitting : null;
}

const cachedHeaders = (): string => join(cacheRoot(), 'engine', `cuda-headers-${CUDA_HEADERS.cudaMajor}`);

/** `2.11.0+cu130` -> 13 */
function cudaMajor(version: string): number | null {
  const digits = /\+cu(\d+)\d$/.exec(version)?.[1];
  return digits === undefined ? null : Number(digits);
}

function candidates(root: string): string[] {
  const wheels = join(dirname(root), 'nvidia');
  const { CUDA_HOME, CUDA_PATH, PATH = '' } = process.env;
  const nvcc = PATH.split(delimiter)
    .map((folder) => join(folder, 'nvcc'))
    .find((path) => existsSync(path));
  const toolkits = [
    ...[CUDA_HOME, CUDA_PATH].filter((path): path is string => path !== undefined && path !== ''),
    ...(nvcc === undefined ? [] : [dirname(dirname(realpathSync(nvcc)))]),
    '/usr/local/cuda',
  ];
  return [
    ...['cu13', 'cuda_runtime', 'cuda_nvcc'].map((name) => join(wheels, name, 'include')),
    ...toolkits.flatMap((home) => [join(home, 'include'), join(home, 'targets', 'x86_64-linux', 'include')]),
    join(cachedHeaders(), 'nvidia', 'cu13', 'include'),
  ].filter((folder, i, all) => existsSync(folder) && all.indexOf(folder) === i);
}

/** `#define CUDART_VERSION 13000` -> 13 */
function runtimeMajor(folder: string): number | null {
  const file = join(folder, NEEDED[0]!);
  if (!existsSync(file)) return null;
  const version = /#define\s+CUDART_VERSION\s+(\d+)/.exec(readFileSync(file, 'utf8'))?.[1];
  return version === undefined ? null : Math.floor(Number(version) / 1000);
}

/** Puts the pinned headers into `target`, whole or not at all. @throws TorchError ENGINE_DOWNLOAD, ENGINE_CHECKSUM */
export async function installCudaHeaders(target: string, log: SetupLog): Promise<void> {
  await withLock(dirname(target), log, async () => {
    if (existsSync(target)) return;
    const partial = `${target}.partial-${process.pid}`;
    mkdirSync(partial, { recursive: true });
    try {
      log.line('the headers of CUDA 13 are fetched once into the cache');
      const download = join(partial, 'download');
      mkdirSync(download);
      for (const wheel of await pipDownload(CUDA_HEADERS, download, log, 'CUDA headers')) {
        await unpack(wheel, partial, { wanted: (path) => /\/include\/|dist-info\/.*[Ll]icense/.test(path) });
      }
      rmSync(download, { recursive: true });
      renameSync(partial, target);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  });
}
