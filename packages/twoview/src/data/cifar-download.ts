/** @file cifar10 and cifar100 by name: from the data cache, or downloaded into it once, checked. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { download } from '@twoview/torch/engine';
import * as tar from 'tar';
import type { JobIo } from '../runs/events.js';
import { dataRoot } from './cache.js';
import { binaryLayout, openCifarBinary } from './cifar.js';
import type { ImageSet } from './image-set.js';

/** Checksums as published on the data sets' own page. */
const SETS = {
  cifar10: {
    folder: 'cifar-10-batches-bin',
    archive: 'cifar-10-binary.tar.gz',
    md5: 'c32a1d4ab5d03f1284b67883e8d87530',
  },
  cifar100: { folder: 'cifar-100-binary', archive: 'cifar-100-binary.tar.gz', md5: '03b5dce01913d631647c71ecec9e9cb8' },
};
const ORIGIN = 'https://www.cs.toronto.edu/~kriz';

/** Whether the set can be had without the network. */
export function isCached(name: keyof typeof SETS): boolean {
  return existsSync(join(dataRoot(), SETS[name].folder)) || existsSync(join(dataRoot(), name));
}

/** `TWOVIEW_MIRROR` names another origin. @throws TorchError DOWNLOAD, DOWNLOAD_CHECKSUM */
export async function openNamedCifar(name: keyof typeof SETS, io: JobIo): Promise<ImageSet> {
  const { folder, archive, md5 } = SETS[name];
  const target = join(dataRoot(), folder);
  if (!existsSync(target)) {
    mkdirSync(dataRoot(), { recursive: true });
    const file = join(dataRoot(), archive);
    const url = `${process.env.TWOVIEW_MIRROR ?? ORIGIN}/${archive}`;
    io.onEvent?.({ type: 'note', text: `downloading ${basename(url)} once into ${dataRoot()}` });
    await download(url, file, {
      checksum: { algorithm: 'md5', hex: md5 },
      onProgress: (done, total) => io.onEvent?.({ type: 'progress', phase: 'download', done, total, unit: 'bytes' }),
      ...(io.signal && { signal: io.signal }),
    });
    const partial = `${target}.partial-${process.pid}`;
    mkdirSync(partial);
    await tar.extract({ file, cwd: partial });
    renameSync(join(partial, folder), target);
    rmSync(partial, { recursive: true });
    rmSync(file);
  }
  return openCifarBinary(target, binaryLayout(target)!, io);
}
