/** @file JPEG files into the store, the first use and the second, each in a process of its own as a user meets it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pictures } from './lib/pictures.mjs';
import { summary } from './lib/statistics.mjs';

const OPEN = fileURLToPath(new URL('lib/open-images.mjs', import.meta.url));
const TARGET_FILES = 60_000;

export async function* measure({ quick, images }) {
  const { folder, files, about } = await pictures(images, quick && !images ? TARGET_FILES / 10 : TARGET_FILES);
  const first = [];
  const second = [];
  for (let i = 0; i < (quick ? 1 : 3); i++) {
    const store = mkdtempSync(join(tmpdir(), 'twoview-bench-'));
    try {
      first.push(open(folder, store));
      for (let j = 0; j < 3; j++) second.push(open(folder, store));
    } finally {
      rmSync(store, { recursive: true });
    }
  }
  const share = files.length / TARGET_FILES;
  yield {
    name: `${about}, 32x32 JPEG, into the store: first use`,
    target: { most: 20 * share, unit: ' s' },
    value: summary(first.map(({ seconds }) => seconds)),
    detail: `${Math.round(files.length / summary(first.map(({ seconds }) => seconds)).median).toLocaleString('en')} files/s, ${first[0].progress} reports of progress`,
    samples: first,
  };
  yield {
    name: `${about}, 32x32 JPEG, into the store: second use`,
    target: { most: 0.5, unit: ' s' },
    value: summary(second.map(({ seconds }) => seconds)),
    detail: `${second[0].count} images opened`,
    samples: second,
  };
}

function open(folder, store) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [OPEN, folder], {
    encoding: 'utf8',
    env: { ...process.env, TWOVIEW_DATA: store },
  });
  if (status !== 0) throw new Error(`opening ${folder} failed: ${stderr}`);
  return JSON.parse(stdout);
}
