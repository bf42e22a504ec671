/**
 * @file Fingerprints of decoded images, a thousand at a time: two decoders agree where they are equal. The pack holds those of the
 * product's own decoder, the check makes those of what Pillow decoded.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openImages, torch } from './parts.mjs';

const BLOCK = 1000;

/** @param set as `openImages` gives it @returns { train: [sha256 of each thousand images], test: [...], classes, imageSize } */
export function fingerprints(set) {
  const of = ({ images, count }) =>
    Array.from({ length: Math.ceil(count / BLOCK) }, (_, i) =>
      torch.scope(() => {
        const some = images.narrow(0, i * BLOCK, Math.min(BLOCK, count - i * BLOCK)).contiguous();
        return createHash('sha256').update(some.toTypedArray()).digest('hex').slice(0, 16);
      }),
    );
  const { classes, imageSize } = set;
  return { train: of(set.train), test: set.test === null ? [] : of(set.test), classes, imageSize };
}

/** @returns { same: null where the pack does not say, blocks, different: those that differ } */
export async function comparePixels({ pack, data }) {
  const file = join(pack, 'pixels.json');
  if (!existsSync(file)) return { same: null };
  const ours = JSON.parse(readFileSync(file, 'utf8'));
  const theirs = fingerprints(await openImages(data));
  const list = ({ train, test }) => [...train.map((one) => `train ${one}`), ...test.map((one) => `test ${one}`)];
  const [mine, other] = [list(ours), list(theirs)];
  const different = mine.map((one, i) => (one === other[i] ? -1 : i)).filter((i) => i >= 0);
  const classes = JSON.stringify(ours.classes) === JSON.stringify(theirs.classes);
  return {
    same: classes && different.length === 0 && mine.length === other.length,
    classes,
    blocks: mine.length,
    different,
  };
}

/** Where Pillow is missing the product decodes: an unpacked folder of images becomes one safetensors file. */
export async function decodeFolder({ folder, file, imageSize }) {
  const [name] = readdirSync(folder);
  saveImages(await openImages(join(folder, name), { imageSize }), file);
}

/** @param set as `openImages` gives it */
export function saveImages({ name, classes, train, test }, file) {
  const split = (of, { images, labels }) => ({ [`${of}.images`]: images, [`${of}.labels`]: labels });
  torch.safetensors.save(
    file,
    { ...split('train', train), ...split('test', test) },
    { name, classes: JSON.stringify(classes) },
  );
}
