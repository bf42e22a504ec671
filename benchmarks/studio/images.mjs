/**
 * @file The images that the studio sees: one folder without classes, in a random order of names, so that nothing tells what they are. Their
 * true classes are known to the scripts that play the person. Links to the same files, not copies, where the system has them.
 */
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import sharp from 'sharp';
import { cacheRoot } from '../../packages/torch/dist/src/engine/index.js';
import { openImages } from '../../packages/twoview/dist/src/data/open-images.js';

/**
 * @param {string} data a folder with a folder for each class, or the name of a set that twoview knows
 * @param {number} most images, as many of each class; 0 for all
 * @param {string} folder to make
 * @returns {Promise<{ folder: string, classes: string[], truth: Map<string, number>, name: string }>} class by file name
 */
export async function hiddenLabels(data, most, folder) {
  const known = existsSync(resolve(data)) ? resolve(data) : await asFiles(data);
  const train = join(known, 'train');
  const root = existsSync(train) ? train : known;
  const classes = folders(root);
  if (classes.length < 2) throw new Error(`${root} has no folders of classes, so nobody knows what its images show`);
  const each = most === 0 ? Number.POSITIVE_INFINITY : Math.ceil(most / classes.length);
  const files = classes.flatMap((name, label) =>
    readdirSync(join(root, name))
      .sort()
      .slice(0, each)
      .map((file) => ({ path: join(root, name, file), label })),
  );
  shuffle(files);
  const truth = new Map();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  files.forEach(({ path, label }, i) => {
    const name = `${String(i).padStart(6, '0')}${extname(path)}`;
    linkOrCopy(path, join(folder, name));
    truth.set(name, label);
  });
  return { folder, classes, truth, name: basename(known) };
}

const folders = (root) =>
  readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

/** A set that is not made of files, as JPEGs in the cache, made once. */
async function asFiles(name) {
  const folder = join(cacheRoot(), 'bench', `${name}-jpegs`);
  if (existsSync(folder)) return folder;
  console.error(`bench  writing ${name} as JPEG files into ${folder}`);
  const set = await openImages(name);
  const { images, labels, count } = set.train;
  const side = set.imageSize;
  const classOf = labels.tolist();
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  for (const one of set.classes) mkdirSync(join(partial, one), { recursive: true });
  for (let i = 0; i < count; i++) {
    const pixels = images.select(0, i).permute([1, 2, 0]).contiguous().toTypedArray();
    const jpeg = sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).jpeg({ quality: 95 });
    writeFileSync(join(partial, set.classes[classOf[i]], `${String(i).padStart(6, '0')}.jpg`), await jpeg.toBuffer());
  }
  set[Symbol.dispose]();
  renameSync(partial, folder);
  return folder;
}

function linkOrCopy(from, to) {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // another disk
  }
}

/** The same order each time: Numerical Recipes' generator. */
function shuffle(list) {
  let state = 1;
  for (let i = list.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
}
