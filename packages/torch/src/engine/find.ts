/** @file Which libtorch is used, first that fits: `TWOVIEW_LIBTORCH`, the torch of the `python3` on the PATH, our own cache. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TorchError } from '../error.js';
import { cacheRoot } from './paths.js';
import { pythonTorch } from './python.js';
import { SUPPORTED_VERSIONS, TORCH_VERSION } from './wheels.js';

export interface Libtorch {
  source: 'TWOVIEW_LIBTORCH' | 'python3' | 'cache';
  /** The folder with lib/ and include/. */
  root: string;
  version: string;
}

export interface Search {
  found: Libtorch | null;
  /** What was looked at and passed over, and why. */
  notes: string[];
}

/** Where our own copy lives; the folder appears in one rename, so it is whole if it is there. */
export const cachedTorch = (version = TORCH_VERSION): string =>
  join(cacheRoot(), 'engine', `torch-${version}-${process.platform}-${process.arch}`);

/** @throws TorchError ENGINE_PATH when TWOVIEW_LIBTORCH names something else than a supported libtorch */
export async function findLibtorch(): Promise<Search> {
  const notes: string[] = [];
  const given = process.env.TWOVIEW_LIBTORCH;
  if (given) return { found: atGivenPath(given), notes };
  const python = await pythonTorch();
  if (python.root !== null) {
    const version = versionOf(python.root);
    if (version !== null && SUPPORTED_VERSIONS.test(version))
      return { found: { source: 'python3', root: python.root, version }, notes };
    notes.push(`python3 has torch ${version ?? 'of an unknown version'}, which is not supported (2.9 to 2.15 are)`);
  } else notes.push(python.note);
  const cached = join(cachedTorch(), 'torch');
  const version = existsSync(cached) ? versionOf(cached) : null;
  if (version !== null) return { found: { source: 'cache', root: cached, version }, notes };
  notes.push(`nothing in the cache, ${cachedTorch()}`);
  return { found: null, notes };
}

function atGivenPath(root: string): Libtorch {
  const version = existsSync(join(root, 'lib')) && existsSync(join(root, 'include')) ? versionOf(root) : null;
  if (version !== null && SUPPORTED_VERSIONS.test(version)) return { source: 'TWOVIEW_LIBTORCH', root, version };
  throw new TorchError(
    'ENGINE_PATH',
    version === null
      ? 'this is no libtorch: it has no lib/, include/ and version'
      : `libtorch ${version} is not supported`,
    {
      where: `TWOVIEW_LIBTORCH=${root}`,
      next: [
        `name the torch folder of an installed Python torch ${TORCH_VERSION}, or an unpacked libtorch archive`,
        'unset TWOVIEW_LIBTORCH  and the engine finds or installs its own',
      ],
    },
  );
}

/** From version.py of a wheel, or the build-version file of the official archive. */
export function versionOf(root: string): string | null {
  const python = join(root, 'version.py');
  if (existsSync(python)) return /__version__ = '([^']+)'/.exec(readFileSync(python, 'utf8'))?.[1] ?? null;
  const archive = join(root, 'build-version');
  return existsSync(archive) ? readFileSync(archive, 'utf8').trim() : null;
}
