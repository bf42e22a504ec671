/** @file Compiles one half of the addon into a cache of its own, so that both are compiled at once; what a compiler says comes home in full. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAddon, buildCuda, chooseCuda, ensureCudaHeaders, findLibtorch } from './engine.mjs';

const log = { line: (text) => console.error(text), progress: (what) => console.error(what) };

/** @param half `addon` or `cuda` @param cache where the result goes @returns what was made, from which libtorch, with which headers */
export async function build({ half, cache }) {
  const { found, notes } = await findLibtorch();
  if (found === null) throw new Error(`no libtorch: ${notes.join('; ')}`);
  const about = { libtorch: found.version, root: found.root };
  const choice = chooseCuda(found);
  if (half === 'cuda' && !choice.use) return { ...about, skipped: choice.reason };
  const own = process.env.TWOVIEW_CACHE;
  try {
    const headers = half === 'cuda' ? await ensureCudaHeaders(found, log) : [];
    if (half === 'cuda') await buildCuda(found, headers, log);
    else await buildAddon(found, log);
    mkdirSync(join(cache, 'addon'), { recursive: true });
    for (const name of readdirSync(join(own, 'addon'))) {
      const there = join(cache, 'addon', name);
      // Named by its contents: one that is there already, of an earlier check, is the same.
      if (/^[0-9a-f]{16}-[0-9a-f]{8}$/.test(name) && !existsSync(there))
        cpSync(join(own, 'addon', name), there, { recursive: true, verbatimSymlinks: true });
    }
    return { ...about, ...(half === 'cuda' && { headers }) };
  } catch (error) {
    for (const name of logsIn(join(own, 'addon'))) console.error(readFileSync(join(own, 'addon', name), 'utf8'));
    throw error;
  }
}

function logsIn(folder) {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.log'));
  } catch {
    return [];
  }
}
