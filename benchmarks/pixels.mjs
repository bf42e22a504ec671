/** @file Our pixels of a JPEG beside those that PIL gives. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeImage } from '../packages/twoview/dist/src/data/pictures/decode.js';
import { peer } from './lib/peer.mjs';
import { pictures } from './lib/pictures.mjs';
import { exactly } from './lib/statistics.mjs';

const COUNT = 6000;
const SIZE = 32;

export async function* measure({ images }) {
  const { files } = await pictures(images, COUNT);
  const chosen = files.filter((_, i) => i % Math.ceil(files.length / COUNT) === 0);
  const folder = mkdtempSync(join(tmpdir(), 'twoview-bench-'));
  const target = join(folder, 'pixels');
  const python = await peer('pixels', { target });
  await python.ask(chosen);
  python.end();
  const theirs = readFileSync(target);
  rmSync(folder, { recursive: true });
  const bytes = 3 * SIZE * SIZE;
  let largest = 0;
  let different = 0;
  for (const [i, path] of chosen.entries()) {
    const { pixels: ours } = await decodeImage(path, { size: SIZE, ground: [255, 255, 255] });
    for (let j = 0; j < bytes; j++) {
      const distance = Math.abs(ours[j] - theirs[i * bytes + j]);
      if (distance > 0) different++;
      if (distance > largest) largest = distance;
    }
  }
  yield {
    name: `pixels of ${chosen.length} JPEG files, the largest distance from PIL's`,
    target: { most: 1, unit: ' levels' },
    value: exactly(largest),
    detail: `${different} of ${chosen.length * bytes} bytes differ`,
    samples: [],
  };
}
