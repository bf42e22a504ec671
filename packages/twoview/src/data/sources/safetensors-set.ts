/**
 * @file A safetensors file of uint8 images as a set: `images` [N, 3, S, S] (or [N, S, S, 3]) and `labels` [N], or the same with
 * the name of a part before them (train., val., test.). With a test part, or without labels, the file is memory-mapped where it
 * lies; else a store is made of it, with a test part of its own.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import * as torch from '@twoview/torch';
import type { JobIo } from '../../runs/events.js';
import { disposable, type ImageSet, type Split } from '../image-set.js';
import { meaningOfParts, PARTS, type Part } from '../parts.js';
import { type Listed, type Listing, stateOfFile } from './listing.js';
import { digestsOf, mappedIdentity } from './mapped-identity.js';
import { openRows } from './open-rows.js';
import { type Label, labelNames } from './safetensors-labels.js';
import { imagesOf, pixelsAt, wordsOf, wrong } from './safetensors-tensors.js';
import { splitHere } from './split-here.js';

interface Source {
  listing: Listing;
  /** [N, 3, S, S] or [N, S, S, 3], by part. */
  images: Partial<Record<Part, torch.Tensor>>;
  imageSize: number;
}

/** @throws TwoviewError DATA_CORRUPT; TorchError SAFETENSORS_CORRUPT */
export async function openSafetensors(path: string, io: JobIo): Promise<ImageSet> {
  const key = createHash('sha256')
    .update(`safetensors 1 ${path} ${stateOfFile(path)}`)
    .digest('hex')
    .slice(0, 24);
  const held = torch.scope(() => readSource(path)); // its tensors are freed below, or belong to the set
  const all = Object.values(held.images);
  const split = splitHere(held.listing);
  if (split !== held.listing) {
    try {
      const set = await openRows(key, io, 'copying', async () => ({
        listing: split,
        imageSize: held.imageSize,
        pixels: (image) => pixelsAt(held.images.train!, Number(image.path.split(':')[1])),
      }));
      set.name = basename(path);
      return set;
    } finally {
      for (const tensor of all) tensor.dispose();
    }
  }
  return await mapped(held, key, path, io);
}

function readSource(path: string): Source {
  const { tensors, metadata } = torch.safetensors.load(path);
  const words = wordsOf(Object.keys(tensors), path);
  const images: Source['images'] = {};
  const given: Partial<Record<Part, readonly (Label | null)[]>> = {};
  const counted = new Map(words.map((word) => [word, tensors[prefixed(word, 'images')]!.shape[0]!]));
  const { meaning, notes } =
    words[0] === ''
      ? { meaning: new Map<string, Part | null>([['', 'train']]), notes: [] }
      : meaningOfParts(words, (word) => counted.get(word)!);
  for (const word of words) {
    const part = meaning.get(word) ?? null;
    if (part === null) continue;
    if (images[part] !== undefined) throw wrong(path, `several tensors hold images of the part ${part}: ${words}`);
    images[part] = imagesOf(tensors, prefixed(word, 'images'), path);
    given[part] = labelsOf(tensors, prefixed(word, 'labels'), images[part].shape[0]!, path);
  }
  if (images.train === undefined) throw wrong(path, `there are no training images, only ${words}`);
  const { classes, indexOf } = labelNames(Object.values(given).flat(), metadata.classes, path);
  const listed = (part: Part): Listed[] =>
    (given[part] ?? []).map((label, i) => ({ path: `${part}:${i}`, label: label === null ? -1 : indexOf(label) }));
  const sizes = new Set(Object.values(images).map((tensor) => tensor.shape[2]!));
  if (sizes.size > 1) throw wrong(path, `its splits have images of different sizes: ${[...sizes]}`);
  return {
    listing: { name: basename(path), classes, notes, train: listed('train'), val: listed('val'), test: listed('test') },
    images,
    imageSize: images.train.shape[2]!,
  };
}

const prefixed = (word: string, name: string): string => (word === '' ? name : `${word}.${name}`);

/** Null leaves a class open. */
function labelsOf(tensors: Record<string, torch.Tensor>, name: string, count: number, path: string): (Label | null)[] {
  const labels = tensors[name];
  if (labels === undefined) return Array.from({ length: count }, () => null);
  if (String(labels.shape) !== String([count])) throw wrong(path, `${name} is [${labels.shape}] for ${count} images`);
  if (!/^u?int/.test(labels.dtype)) throw wrong(path, `${name} is ${labels.dtype}, and labels are whole numbers`);
  const values = torch.scope(() => labels.to('int64').tolist<Label>());
  return values.map((label) => (label === -1 ? null : label));
}

async function mapped({ listing, images, imageSize }: Source, key: string, path: string, io: JobIo): Promise<ImageSet> {
  const first = torch.scope(() => {
    const splits = {} as Record<Part, Split | null>;
    for (const part of PARTS) {
      const tensor = images[part];
      splits[part] = tensor === undefined ? null : splitOf(tensor, listing[part]);
    }
    return splits;
  });
  const set: ImageSet = disposable({
    ...{ name: basename(path), classes: listing.classes, imageSize, root: null, hash: '' },
    ...{ warnings: [], notes: listing.notes },
    ...{ train: first.train!, val: first.val, test: first.test, digests: () => digestsOf(set, {}) },
  });
  try {
    return Object.assign(set, await mappedIdentity(set, key, io));
  } catch (error) {
    set[Symbol.dispose]();
    throw error;
  }
}

function splitOf(tensor: torch.Tensor, listed: readonly Listed[]): Split {
  const labels = torch.tensor(
    listed.map(({ label }) => label),
    { dtype: 'int64' },
  );
  return {
    images: tensor.shape[3] === 3 && tensor.shape[1] !== 3 ? tensor.permute([0, 3, 1, 2]) : tensor,
    labels,
    count: listed.length,
    paths: null,
  };
}
