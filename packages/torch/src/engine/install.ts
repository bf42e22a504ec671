/** @file Our own copy of libtorch, put into the cache whole or not at all. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TorchError } from '../error.js';
import { downloadArchive } from './archive.js';
import { cachedTorch, type Libtorch, versionOf } from './find.js';
import { withLock } from './lock.js';
import type { SetupLog } from './log.js';
import { hasPip, pipDownload } from './pip.js';
import { unpack } from './unpack.js';
import { isWanted, PINNED_VERSIONS, TORCH_VERSION, type WheelSet, wheelSet } from './wheels.js';

/** Room for the wheels and what is unpacked of them. */
const BYTES_NEEDED = 1.6e9;

/** @throws TorchError ENGINE_PLATFORM, ENGINE_DISK, ENGINE_DOWNLOAD, ENGINE_CHECKSUM */
export async function installLibtorch(log: SetupLog, version = TORCH_VERSION): Promise<Libtorch> {
  const target = cachedTorch(version);
  const set = wheelSet(undefined, version);
  if (set === null) {
    throw new TorchError(
      'ENGINE_PLATFORM',
      `no libtorch ${version} is pinned for ${process.platform} on ${process.arch}`,
      {
        where: `pinned are ${PINNED_VERSIONS.join(', ')}`,
        next: [`install torch ${TORCH_VERSION} into python3, or set TWOVIEW_LIBTORCH to a folder with libtorch`],
      },
    );
  }
  await withLock(dirname(target), log, async () => {
    if (existsSync(target)) return;
    removeLeftovers(target);
    requireRoom(dirname(target));
    const partial = `${target}.partial-${process.pid}`;
    mkdirSync(partial);
    try {
      await fill(set, partial, version, log);
      renameSync(partial, target);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
    log.line(`libtorch ${version} is in ${target}`);
  });
  const root = join(target, 'torch');
  return { source: 'cache', root, version: versionOf(root) ?? version };
}

async function fill(set: WheelSet, partial: string, version: string, log: SetupLog): Promise<void> {
  if (!(await hasPip())) return downloadArchive(partial, log);
  log.line(`libtorch ${version} is fetched once into the cache (python3 itself is left alone)`);
  const download = join(partial, 'download');
  mkdirSync(download);
  const wheels = await pipDownload(set, download, log);
  const total = set.wheels.reduce((sum, wheel) => sum + wheel.bytes, 0);
  let before = 0;
  for (const wheel of wheels) {
    let here = 0;
    await unpack(wheel, partial, {
      wanted: isWanted,
      onBytes: (done) => {
        here = done;
        log.progress(`unpacking ${basename(wheel).split('-')[0]}`, before + done, total);
      },
    });
    before += here;
  }
  rmSync(download, { recursive: true });
}

/** What a killed process left half done; the lock says that nobody works on it now. */
function removeLeftovers(target: string): void {
  const prefix = `${basename(target)}.partial-`;
  for (const name of readdirSync(dirname(target))) {
    if (name.startsWith(prefix)) rmSync(join(dirname(target), name), { recursive: true, force: true });
  }
}

function requireRoom(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize > BYTES_NEEDED) return;
  throw new TorchError(
    'ENGINE_DISK',
    `libtorch needs ${BYTES_NEEDED / 1e9} GB while it is unpacked, and ${(bavail * bsize) / 1e9} GB are free`,
    {
      where: folder,
      next: ['make room, or move the cache with TWOVIEW_CACHE=FOLDER'],
    },
  );
}
