/** @file `twoview data` on images that are in the store already, near duplicates included, as a user calls it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pictures } from './lib/pictures.mjs';
import { summary } from './lib/statistics.mjs';

const CLI = fileURLToPath(new URL('../packages/twoview/bin/twoview.js', import.meta.url));
const TARGET_FILES = 60_000;
const TARGET_SECONDS = 20;

export async function* measure({ quick, images }) {
  const { folder, files, about } = await pictures(images, quick && !images ? TARGET_FILES / 10 : TARGET_FILES);
  const cache = mkdtempSync(join(tmpdir(), 'twoview-bench-'));
  const samples = [];
  try {
    twoview(cache, folder, '--no-near');
    for (let i = 0; i < (quick ? 1 : 3); i++) {
      // The pairs that were found are kept beside the store.
      const stores = join(cache, 'stores');
      for (const name of readdirSync(stores)) if (name.endsWith('.twins')) rmSync(join(stores, name));
      samples.push(twoview(cache, folder));
    }
  } finally {
    rmSync(cache, { recursive: true });
  }
  const share = files.length / TARGET_FILES;
  yield {
    name: `\`twoview data\`, ${about} in the store, near duplicates included`,
    // Each image is compared with each.
    target: { most: quick ? TARGET_SECONDS : TARGET_SECONDS * Math.max(1, share ** 2), unit: ' s' },
    value: summary(samples.map(({ seconds }) => seconds)),
    detail: `${samples[0].pairs} pairs found`,
    samples,
  };
}

function twoview(cache, folder, ...options) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'data', folder, '--json', ...options], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    env: { ...process.env, TWOVIEW_DATA: cache },
  });
  if (status !== 0) throw new Error(`twoview data ${folder} failed: ${stderr}`);
  return { seconds: (performance.now() - start) / 1000, pairs: JSON.parse(stdout).twins?.length };
}
