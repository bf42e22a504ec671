/** @file The images of the pack: an archive of JPEG files as it is, or as many images of any source as there is room for. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openImages, torch } from './parts.mjs';
import { fingerprints, saveImages } from './pixels.mjs';

/** Of the images: the rest are test images. */
const TRAIN_SHARE = 5 / 6;
const onEvent = (event) => event.type === 'note' && console.log(event.text);

/** Packs the archive, and what our own decoder makes of it. @returns what was taken, in words */
export async function packArchive(archive, out) {
  const folder = mkdtempSync(join(tmpdir(), 'twoview-images-'));
  process.env.TWOVIEW_DATA = join(folder, 'data'); // the store of this folder is of no use afterwards
  try {
    mkdirSync(join(folder, 'images'));
    const { status } = spawnSync('tar', ['-xzf', archive, '-C', join(folder, 'images')], { stdio: 'inherit' });
    if (status !== 0) throw new Error(`${archive} is no archive that tar can unpack`);
    const [name, ...others] = readdirSync(join(folder, 'images'));
    if (others.length > 0) throw new Error(`${archive} must hold one folder with train/ and test/ in it`);
    const set = await openImages(join(folder, 'images', name), {}, { onEvent });
    if (set.test === null || set.classes.length === 0) throw new Error(`${archive} has no test images, or no labels`);
    writeFileSync(join(out, 'pixels.json'), JSON.stringify(fingerprints(set)));
    copyFileSync(archive, join(out, 'images.tar.gz'));
    return `all of ${name}: ${set.train.count} training and ${set.test.count} test images, as JPEG`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @returns what was taken, in words */
export async function packSource(source, file, bytes) {
  const set = await openImages(source, {}, { onEvent });
  if (set.test === null) throw new Error(`${source} has no test images, or no labels`);
  const room = Math.floor((bytes - 10_000) / (3 * set.imageSize ** 2 + 8));
  const train = pick(set.train, Math.min(set.train.count, Math.floor(room * TRAIN_SHARE)));
  const test = pick(set.test, Math.min(set.test.count, Math.floor(room * (1 - TRAIN_SHARE))));
  const whole = train.count === set.train.count && test.count === set.test.count;
  saveImages({ ...set, train, test }, file);
  return `${whole ? 'all of' : 'a random part of'} ${set.name}: ${train.count} training and ${test.count} test images`;
}

function pick({ images, labels, count }, wanted) {
  const order = torch.randperm(count, { generator: new torch.Generator(0) }).narrow(0, 0, wanted);
  return { images: images.indexSelect(0, order), labels: labels.indexSelect(0, order), count: wanted };
}
