/** @file cifar10 and cifar100 by name: from the data cache, or downloaded into it once, checked. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type DownloadOptions, download } from '@twoview/torch/engine';
import * as tar from 'tar';
import type { JobIo } from '../../runs/events.js';
import { dataRoot } from '../store/cache.js';

/** Checksums as published on the data sets' own page. */
const SETS = {
  cifar10: {
    folders: ['cifar-10-batches-bin', 'cifar-10-batches-py', 'cifar10', 'cifar10-jpeg'],
    archive: 'cifar-10-binary.tar.gz',
    md5: 'c32a1d4ab5d03f1284b67883e8d87530',
  },
  cifar100: {
    folders: ['cifar-100-binary', 'cifar-100-python', 'cifar100', 'cifar100-jpeg'],
    archive: 'cifar-100-binary.tar.gz',
    md5: '03b5dce01913d631647c71ecec9e9cb8',
  },
};
const ORIGIN = 'https://www.cs.toronto.edu/~kriz';

export type CifarName = keyof typeof SETS;
export const CIFAR_NAMES = Object.keys(SETS) as CifarName[];

/** The folder in the data cache that holds this set, the lossless layouts first; null when there is none. */
export function cachedCifar(name: CifarName): string | null {
  return SETS[name].folders.map((folder) => join(dataRoot(), folder)).find((path) => existsSync(path)) ?? null;
}

/** `TWOVIEW_MIRROR` names another origin. @returns the folder @throws TorchError DOWNLOAD, DOWNLOAD_CHECKSUM */
export async function downloadCifar(
  name: CifarName,
  io: JobIo,
  limits: Pick<DownloadOptions, 'stallMs' | 'attempts'> = {},
): Promise<string> {
  const { folders, archive, md5 } = SETS[name];
  const target = join(dataRoot(), folders[0]!);
  mkdirSync(dataRoot(), { recursive: true });
  const file = join(dataRoot(), archive);
  const url = `${process.env.TWOVIEW_MIRROR ?? ORIGIN}/${archive}`;
  io.onEvent?.({ type: 'note', text: `downloading ${basename(url)} once into ${dataRoot()}` });
  await download(url, file, {
    checksum: { algorithm: 'md5', hex: md5 },
    onProgress: (done, total) => io.onEvent?.({ type: 'progress', phase: 'download', done, total, unit: 'bytes' }),
    ...limits,
    ...(io.signal && { signal: io.signal }),
  });
  const partial = `${target}.partial-${process.pid}`;
  mkdirSync(partial);
  await tar.extract({ file, cwd: partial });
  renameSync(join(partial, folders[0]!), target);
  rmSync(partial, { recursive: true });
  rmSync(file);
  return target;
}
