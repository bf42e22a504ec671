/**
 * @file JPEG photographs into a store of 224 pixels, beside the faster of Pillow with draft() and OpenCV with reduced decoding, in two
 * processes that are started before. Ours is timed with its two threads' start, and with the store's own hashes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheRoot } from '../packages/torch/dist/src/engine/index.js';
import { peer } from './lib/peer.mjs';
import { pictures } from './lib/pictures.mjs';
import { photosPython } from './lib/python.mjs';
import { inTurns } from './lib/statistics.mjs';

const OPEN = fileURLToPath(new URL('lib/open-images.mjs', import.meta.url));
const COUNT = 2000;
const DISTINCT = 24;
const KINDS = [
  { about: '12 megapixels', width: 4000, height: 3000, least: 1 },
  { about: '640x480', width: 640, height: 480, least: 1.5 },
];

export async function* measure({ quick }) {
  await photosPython();
  const count = quick ? 192 : COUNT;
  for (const { about, width, height, least } of KINDS) {
    const folder = join(cacheRoot(), 'bench', `photos-${width}x${height}-${count}`);
    const maker = await peer('make_photos', { folder, count, width, height, distinct: DISTINCT });
    maker.end();
    const { files } = await pictures(folder, count);
    const theirs = await peer('photos', { threads: 1 });
    const target = mkdtempSync(join(tmpdir(), 'twoview-bench-'));
    const ask = (how) => theirs.ask({ how, paths: files, target: join(target, 'pixels.npy') });
    try {
      await ask('pillow'); // the files are in the system's file cache from here on
      const seconds = { pillow: await ask('pillow'), opencv: await ask('opencv') };
      const faster = seconds.pillow < seconds.opencv ? 'pillow' : 'opencv';
      const {
        ours,
        theirs: other,
        inverse,
        pairs,
      } = await inTurns(
        quick ? 1 : 3,
        () => open(folder),
        () => ask(faster),
      );
      const perSecond = (value) => Math.round(count / value).toLocaleString('en');
      yield {
        name: `${count} JPEG photographs of ${about} into a store of 224 pixels, photographs a second / ${faster === 'pillow' ? 'Pillow with draft()' : 'OpenCV with reduced decoding'} in two processes`,
        target: { least, unit: 'x' },
        value: inverse,
        detail: `${perSecond(ours)} photographs/s, theirs ${perSecond(other)} (Pillow ${perSecond(seconds.pillow)}, OpenCV ${perSecond(seconds.opencv)} before)`,
        samples: pairs,
      };
    } finally {
      theirs.end();
      rmSync(target, { recursive: true });
    }
  }
}

/** Seconds of a first use, in a process of its own. */
function open(folder) {
  const store = mkdtempSync(join(tmpdir(), 'twoview-bench-'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [OPEN, folder, '224'], {
    encoding: 'utf8',
    env: { ...process.env, TWOVIEW_DATA: store },
  });
  rmSync(store, { recursive: true });
  if (status !== 0) throw new Error(`opening ${folder} failed: ${stderr}`);
  return JSON.parse(stdout).seconds;
}
