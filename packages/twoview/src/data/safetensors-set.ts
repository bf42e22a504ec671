/**
 * @file A safetensors file of uint8 images as a set: `images` [N, 3, S, S] (or [N, S, S, 3]) and `labels` [N], or the same
 * with train. and test. before the names. The file is memory-mapped where it lies.
 */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import * as torch from '@twoview/torch';
import { TwoviewError } from '../errors.js';
import { disposable, type ImageSet, type Split } from './image-set.js';

type Tensors = Record<string, torch.Tensor>;

const wrong = (path: string, what: string) =>
  new TwoviewError('DATA_CORRUPT', {
    what,
    where: path,
    next: ['save images [N, 3, S, S] uint8 and labels [N] int64, or train.images, train.labels, test.images, ...'],
  });

/** @throws TwoviewError DATA_CORRUPT; TorchError SAFETENSORS_CORRUPT */
export function openSafetensors(path: string): ImageSet {
  return torch.scope(() => readSet(path));
}

function readSet(path: string): ImageSet {
  const { tensors, metadata } = torch.safetensors.load(path);
  const named = Object.hasOwn(tensors, 'train.images');
  const all = readSplit(tensors, named ? 'train.' : '', path);
  const [train, test] = named
    ? [all, Object.hasOwn(tensors, 'test.images') ? readSplit(tensors, 'test.', path) : null]
    : setAside(all);
  const count = Math.max(-1, train.labels.max().item(), test?.labels.max().item() ?? -1) + 1;
  const names: string[] = metadata.classes === undefined ? [] : JSON.parse(metadata.classes);
  const { size, mtimeMs } = statSync(path);
  return disposable({
    name: basename(path),
    hash: createHash('sha256').update(`${path} ${size} ${mtimeMs}`).digest('hex').slice(0, 24),
    classes: names.length >= count ? names : Array.from({ length: count }, (_, i) => `class ${i}`),
    imageSize: train.images.shape[3]!,
    train,
    test: count === 0 ? null : test,
    notes: named ? [] : ['there was no test part: every fifth image was set aside as one'],
  });
}

function readSplit(tensors: Tensors, prefix: string, path: string): Split {
  const given = tensors[`${prefix}images`];
  if (given === undefined) throw wrong(path, `there is no tensor ${prefix}images; it holds ${Object.keys(tensors)}`);
  const [count, ...sides] = given.shape as number[];
  const last = sides[2] === 3 && sides[0] !== 3;
  const square = last ? sides[0] === sides[1] : sides[0] === 3 && sides[1] === sides[2];
  if (given.dtype !== 'uint8' || sides.length !== 3 || !square || count === 0) {
    throw wrong(path, `${prefix}images is ${given.dtype} [${given.shape}], not uint8 [N, 3, S, S]`);
  }
  const labels = tensors[`${prefix}labels`];
  if (labels !== undefined && String(labels.shape) !== String([count])) {
    throw wrong(path, `${prefix}labels is [${labels.shape}] for ${count} images`);
  }
  return {
    images: last ? given.permute([0, 3, 1, 2]) : given,
    labels: labels?.to('int64') ?? torch.full([count!], -1, { dtype: 'int64' }),
    count: count!,
    paths: null,
  };
}

function setAside({ images, labels, count }: Split): [Split, Split] {
  const indices = Array.from({ length: count }, (_, i) => i);
  const pick = (some: number[]): Split =>
    torch.scope(() => {
      const index = torch.tensor(some, { dtype: 'int64' });
      return {
        images: images.indexSelect(0, index),
        labels: labels.indexSelect(0, index),
        count: some.length,
        paths: null,
      };
    });
  return [pick(indices.filter((i) => i % 5 !== 4)), pick(indices.filter((i) => i % 5 === 4))];
}
