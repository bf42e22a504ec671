/** @file The official libtorch archive, for machines whose python3 has no pip. */
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { download } from './download.js';
import { megabytes, type SetupLog } from './log.js';
import { unpack } from './unpack.js';
import { TORCH_VERSION } from './wheels.js';

const OFFICIAL = `https://download.pytorch.org/libtorch/cpu/libtorch-shared-with-deps-${TORCH_VERSION}%2Bcpu.zip`;

/** Fills `folder` with torch/{lib,include,build-version}. `TWOVIEW_LIBTORCH_URL` and `TWOVIEW_LIBTORCH_SHA256` name another archive. */
export async function downloadArchive(folder: string, log: SetupLog): Promise<void> {
  const url = process.env.TWOVIEW_LIBTORCH_URL ?? OFFICIAL;
  const sha256 = process.env.TWOVIEW_LIBTORCH_SHA256;
  log.line(`libtorch ${TORCH_VERSION}: python3 has no pip, fetching the official archive once into the cache`);
  const zip = join(folder, 'libtorch.zip');
  await download(url, zip, {
    ...(sha256 !== undefined && { checksum: { algorithm: 'sha256', hex: sha256 } }),
    onProgress: (done, total) => log.progress(`downloading libtorch  ${megabytes(done)}`, done, total),
  });
  await unpack(zip, folder, {
    wanted: (path) => /^libtorch\/(lib\/[^/]*\.(so|dylib)|include\/|build-version$)/.test(path),
  });
  renameSync(join(folder, 'libtorch'), join(folder, 'torch'));
  rmSync(zip);
}
