/** @file The JPEG files that two rows read: the user's own folder, or generated ones, made once and kept in the cache. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cacheRoot } from '../../packages/torch/dist/src/engine/index.js';
import { peer } from './peer.mjs';

/**
 * @param {string | undefined} given `--images`
 * @param {number} count of the generated pictures
 * @returns {Promise<{ folder: string, about: string, files: string[] }>}
 */
export async function pictures(given, count) {
  const folder = given === undefined ? join(cacheRoot(), 'bench', `jpegs-${count}`) : resolve(given);
  if (given === undefined) {
    const python = await peer('make_jpegs', { folder, count });
    python.end();
  }
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.jpe?g$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return { folder, files, about: `${files.length} ${given === undefined ? 'generated' : 'given'} files` };
}
