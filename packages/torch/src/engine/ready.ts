/**
 * @file From nothing to a loaded libtorch: find, install, build, load. What installs and builds is imported where something is missing
 * alone: reading it would take a tenth of a second at every start.
 */
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { TorchError } from '../error.js';
import { type CudaChoice, chooseCuda } from './cuda.js';
import { findLibtorch, type Libtorch } from './find.js';
import { type SetupLog, stderrLog } from './log.js';
import { addonPlace, cudaLibrary, placeOf } from './place.js';
import { requirePlatform } from './platform.js';

export interface ReadyEngine extends Libtorch {
  addonPath: string;
  cuda: CudaChoice;
  /** Null where the CUDA half is not used. */
  cudaPath: string | null;
}

export interface Engine extends ReadyEngine {
  /** The exports of the C++ addon. */
  addon: unknown;
  /** The exports of its CUDA half. */
  cudaAddon: unknown;
}

/** Makes libtorch and the addon ready on disk. @throws TorchError with an ENGINE_ code */
export async function ensureEngine(log: SetupLog = stderrLog()): Promise<ReadyEngine> {
  requirePlatform();
  let { found } = await findLibtorch();
  if (found === null) {
    await (await import('./install.js')).installLibtorch(log);
    const again = await findLibtorch();
    found = again.found;
    if (found === null)
      throw new TorchError('ENGINE_DOWNLOAD', `libtorch was installed but is not found: ${again.notes.join('; ')}`);
  }
  const { addon } = addonPlace(found);
  const addonPath = existsSync(addon) ? addon : await (await import('./build.js')).buildAddon(found, log);
  const cuda = chooseCuda(found);
  return { ...found, addonPath, cuda, cudaPath: cuda.use ? await ensureCuda(found, log) : null };
}

async function ensureCuda(torch: Libtorch, log: SetupLog): Promise<string> {
  const { addon } = placeOf(torch, cudaLibrary(torch));
  if (existsSync(addon)) return addon;
  const { ensureCudaHeaders } = await import('./cuda-headers.js');
  return (await import('./build.js')).buildCuda(torch, await ensureCudaHeaders(torch, log), log);
}

/** @throws TorchError ENGINE_LOAD, ENGINE_CUDA when the system's loader refuses a library */
export async function loadEngine(log?: SetupLog): Promise<Engine> {
  const ready = await ensureEngine(log);
  const addon = open(ready.addonPath, 'ENGINE_LOAD', 'the addon', [
    'npx twoview doctor  shows what was found',
    'remove that folder to compile the addon again',
  ]);
  // Before anything asks PyTorch whether there is CUDA: it looks once, and remembers.
  const cudaAddon =
    ready.cudaPath === null
      ? null
      : open(ready.cudaPath, 'ENGINE_CUDA', 'the CUDA half of the addon', [
          'check that python3 -c "import torch; torch.zeros(1).cuda()" works',
          'TWOVIEW_CUDA=off  goes on with the CPU alone',
        ]);
  return { ...ready, addon, cudaAddon };
}

function open(path: string, code: 'ENGINE_LOAD' | 'ENGINE_CUDA', what: string, next: string[]): unknown {
  const module = { exports: {} as unknown };
  try {
    (process.dlopen as (module: object, file: string, flags: number) => void)(module, path, constants.dlopen.RTLD_NOW);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new TorchError(code, `${what} could not be loaded: ${said}`, { where: path, next, cause: error });
  }
  return module.exports;
}
