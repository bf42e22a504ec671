/** @file An archive of libtorch that somebody names, for machines whose python3 has no pip. */
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TorchError } from '../error.js';
import { download } from './download.js';
import { megabytes, type SetupLog } from './log.js';
import { unpack } from './unpack.js';
import { TORCH_VERSION } from './wheels.js';

/**
 * Fills `folder` with torch/{lib,include,build-version} from the archive that `TWOVIEW_LIBTORCH_URL` and `TWOVIEW_LIBTORCH_SHA256` name.
 * PyTorch publishes no checksums of its archives, and nothing is run here that was not checked.
 *
 * @throws TorchError ENGINE_DOWNLOAD where no archive is named
 */
export async function downloadArchive(folder: string, log: SetupLog): Promise<void> {
  const { TWOVIEW_LIBTORCH_URL: url, TWOVIEW_LIBTORCH_SHA256: sha256 } = process.env;
  if (url === undefined || sha256 === undefined) {
    throw new TorchError('ENGINE_DOWNLOAD', 'python3 has no pip, through which libtorch comes', {
      next: [
        'install pip: apt-get install python3-pip, dnf install python3-pip, or python3 -m ensurepip',
        'or set TWOVIEW_LIBTORCH to an unpacked libtorch',
        'or name an archive: TWOVIEW_LIBTORCH_URL and, so that it can be checked, TWOVIEW_LIBTORCH_SHA256',
      ],
    });
  }
  log.line(`libtorch ${TORCH_VERSION}: python3 has no pip, fetching the archive once into the cache`);
  const zip = join(folder, 'libtorch.zip');
  await download(url, zip, {
    checksum: { algorithm: 'sha256', hex: sha256 },
    onProgress: (done, total) => log.progress(`downloading libtorch  ${megabytes(done)}`, done, total),
  });
  await unpack(zip, folder, {
    wanted: (path) => /^libtorch\/(lib\/[^/]*\.(so|dylib)|include\/|build-version$)/.test(path),
  });
  renameSync(join(folder, 'libtorch'), join(folder, 'torch'));
  rmSync(zip);
}
