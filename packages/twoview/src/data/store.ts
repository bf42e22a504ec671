/**
 * @file The store: a safetensors file with the images and labels of a set, made once and memory-mapped ever after.
 * Tensors train.images [N, 3, S, S] uint8, train.labels [N] int64, and the same for test.
 */
import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import * as torch from '@twoview/torch';
import { withLock } from '@twoview/torch/engine';
import { TwoviewError } from '../errors.js';
import type { JobIo } from '../runs/events.js';
import { storeFile } from './cache.js';
import { disposable, type ImageSet, type Split } from './image-set.js';

export interface StoreContents {
  name: string;
  classes: string[];
  imageSize: number;
  notes: string[];
  /** Files that belong to the set and are damaged. */
  leftOut?: readonly string[];
  /** Classes of the images; -1 where not known. */
  train: number[];
  test: number[];
}

/** Where image i of a split begins, in bytes from the start of the file. */
export type Place = (split: 'train' | 'test', index: number) => number;

/** A set, and the files that it would hold if they were not damaged. */
export type Stored = ImageSet & { leftOut: readonly string[] };

/**
 * Opens the store of this hash, or makes it.
 *
 * @param fill writes every image, [3, S, S] uint8 each, into the file at its place
 */
export async function openStore(
  hash: string,
  io: JobIo,
  describe: () => Promise<StoreContents>,
  fill: (file: string, place: Place, contents: StoreContents) => Promise<void>,
): Promise<Stored> {
  const path = storeFile(hash);
  if (!existsSync(path)) {
    const log = { line: (text: string) => io.onEvent?.({ type: 'note', text }), progress: () => {} };
    await withLock(dirname(path), log, async () => {
      if (!existsSync(path)) await makeStore(path, await describe(), fill);
    });
  }
  return readStore(path, hash);
}

async function makeStore(
  path: string,
  contents: StoreContents,
  fill: (file: string, place: Place, contents: StoreContents) => Promise<void>,
): Promise<void> {
  const partial = `${path}.partial-${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  try {
    const places = writeFrame(partial, contents);
    const bytes = 3 * contents.imageSize ** 2;
    await fill(partial, (split, index) => places[split] + index * bytes, contents);
    const file = openSync(partial, 'r+');
    fsyncSync(file);
    closeSync(file);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new TwoviewError('DISK_FULL', {
        what: 'the disk is full; nothing half made was left',
        where: path,
        next: ['make room, or move the data cache with TWOVIEW_DATA=FOLDER'],
        cause: error,
      });
    }
    throw error;
  }
}

/**
 * A safetensors file with all but the pixels, which are a hole for now: images may be more than fits into memory.
 *
 * @returns where the images of each split begin
 */
function writeFrame(
  path: string,
  { train, test, imageSize, name, classes, notes, leftOut = [] }: StoreContents,
): Record<'train' | 'test', number> {
  const labels = [train, test].map((list) => Buffer.from(BigInt64Array.from(list, BigInt).buffer));
  const pixels = [train, test].map((list) => list.length * 3 * imageSize ** 2);
  const header: Record<string, unknown> = {
    __metadata__: {
      ...{ name, classes: JSON.stringify(classes), notes: JSON.stringify(notes) },
      leftOut: JSON.stringify(leftOut),
    },
  };
  let offset = 0;
  const entry = (key: string, dtype: string, shape: number[], bytes: number) => {
    header[key] = { dtype, shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  };
  for (const [i, split] of SPLITS.entries()) {
    entry(`${split}.labels`, 'I64', [labels[i]!.length / 8], labels[i]!.length);
  }
  for (const [i, split] of SPLITS.entries()) {
    entry(`${split}.images`, 'U8', [labels[i]!.length / 8, 3, imageSize, imageSize], pixels[i]!);
  }
  const json = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(Math.ceil((8 + json.length) / 64) * 64, ' ');
  start.writeBigUInt64LE(BigInt(start.length - 8));
  json.copy(start, 8);
  const file = openSync(path, 'w');
  torch.writeAll(file, Buffer.concat([start, ...labels]));
  ftruncateSync(file, start.length + offset);
  closeSync(file);
  const images = start.length + labels[0]!.length + labels[1]!.length;
  return { train: images, test: images + pixels[0]! };
}

const SPLITS = ['train', 'test'] as const;

function readStore(path: string, hash: string): Stored {
  return torch.scope(() => {
    const { tensors, metadata } = torch.safetensors.load(path);
    const split = (name: string): Split => {
      const images = tensors[`${name}.images`]!;
      return { images, labels: tensors[`${name}.labels`]!, count: images.shape[0]!, paths: null };
    };
    const test = split('test');
    const set = disposable({
      name: metadata.name!,
      hash,
      classes: JSON.parse(metadata.classes!),
      imageSize: test.images.shape[2]!,
      notes: JSON.parse(metadata.notes!),
      train: split('train'),
      test: test.count > 0 ? test : null,
    });
    return Object.assign(set, { leftOut: JSON.parse(metadata.leftOut ?? '[]') });
  });
}
