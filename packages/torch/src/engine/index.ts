/** @file From nothing to a loaded libtorch: find, install, build, load, each quick when it is done already. */
import { constants } from 'node:os';
import { TorchError } from '../error.js';
import { buildAddon } from './build.js';
import { findLibtorch, type Libtorch } from './find.js';
import { installLibtorch } from './install.js';
import { type SetupLog, stderrLog } from './log.js';

export { type DoctorReport, doctorReport, formatDoctor } from './doctor.js';
export { type DownloadOptions, download } from './download.js';
export { withLock } from './lock.js';
export { type SetupLog, stderrLog } from './log.js';
export { cacheRoot } from './paths.js';

export interface Engine extends Libtorch {
  addonPath: string;
  /** The exports of the C++ addon. */
  addon: unknown;
}

/** Makes libtorch and the addon ready on disk. @throws TorchError with an ENGINE_ code */
export async function ensureEngine(log: SetupLog = stderrLog()): Promise<Libtorch & { addonPath: string }> {
  let { found } = await findLibtorch();
  if (found === null) {
    await installLibtorch(log);
    const again = await findLibtorch();
    found = again.found;
    if (found === null)
      throw new TorchError('ENGINE_DOWNLOAD', `libtorch was installed but is not found: ${again.notes.join('; ')}`);
  }
  return { ...found, addonPath: await buildAddon(found, { log }) };
}

/** @throws TorchError ENGINE_LOAD when the system's loader refuses the library */
export async function loadEngine(log?: SetupLog): Promise<Engine> {
  const ready = await ensureEngine(log);
  const module = { exports: {} as unknown };
  try {
    (process.dlopen as (module: object, file: string, flags: number) => void)(
      module,
      ready.addonPath,
      constants.dlopen.RTLD_NOW,
    );
  } catch (error) {
    throw new TorchError(
      'ENGINE_LOAD',
      `the addon could not be loaded: ${error instanceof Error ? error.message : String(error)}`,
      {
        where: ready.addonPath,
        next: ['npx twoview doctor  shows what was found', 'remove that folder to compile the addon again'],
        cause: error,
      },
    );
  }
  return { ...ready, addon: module.exports };
}
