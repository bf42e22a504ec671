/** @file Where things are kept: one cache folder that `TWOVIEW_CACHE` can move, and this package's own files. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The cache of twoview: engine, compiled addons, data sets. */
export function cacheRoot(): string {
  const { TWOVIEW_CACHE, XDG_CACHE_HOME } = process.env;
  if (TWOVIEW_CACHE) return TWOVIEW_CACHE;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, 'twoview');
  return process.platform === 'darwin'
    ? join(homedir(), 'Library', 'Caches', 'twoview')
    : join(homedir(), '.cache', 'twoview');
}

/** The folder of this package, seen from src/ and from dist/src/ alike. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
