/** @file The store: the images, labels and identity of a set in one file, made once and memory-mapped ever after. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import * as torch from '@twoview/torch';
import { withLock } from '@twoview/torch/engine';
import { TwoviewError } from '../../errors.js';
import type { JobIo } from '../../runs/events.js';
import { disposable, type ImageSet, type Split } from '../image-set.js';
import { PARTS, type Part } from '../parts.js';
import { doubtsOf } from '../twins/doubts.js';
import { storeFile } from './cache.js';
import { contentHash, type Places, readDigests, type StoreContents, writeFrame } from './store-file.js';

/** A set, and the files that it would hold if they were not damaged. */
export type Stored = ImageSet & { leftOut: readonly string[] };

/** Writes every image into the file at its place. @returns what was found out while doing so, for the notes */
export type Fill = (file: string, places: Places) => Promise<string[]>;

/** Opens the store of this key, or makes it. */
export async function openStore(
  key: string,
  io: JobIo,
  describe: () => Promise<StoreContents>,
  fill: Fill,
): Promise<Stored> {
  const path = storeFile(key);
  const make = async () => {
    const log = { line: (text: string) => io.onEvent?.({ type: 'note', text }), progress: () => {} };
    await inCache(path, () =>
      withLock(dirname(path), log, async () => {
        sweep(dirname(path));
        if (!existsSync(path)) await makeStore(path, await describe(), fill);
      }),
    );
  };
  if (!existsSync(path)) await make();
  try {
    return readStore(path);
  } catch (error) {
    if (!isDamage(error)) throw error;
    io.onEvent?.({ type: 'note', text: 'the store of these images was damaged, and is made again' });
    rmSync(path, { force: true });
    await make();
    return readStore(path);
  }
}

/** What reading raises where bytes of the header are others than were written. */
const isDamage = (error: unknown): boolean =>
  error instanceof torch.TorchError
    ? error.code === 'SAFETENSORS_CORRUPT'
    : error instanceof TypeError || error instanceof SyntaxError;

async function makeStore(path: string, contents: StoreContents, fill: Fill): Promise<void> {
  const partial = `${path}.partial-${hostname()}-${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  try {
    const frame = writeFrame(partial, contents);
    const notes = await fill(partial, frame.places);
    const digests = byPart((part) => readDigests(partial, frame.places, part, contents.labels[part].length));
    frame.finish({
      hash: contentHash(contents, digests),
      notes: JSON.stringify(notes),
      warnings: JSON.stringify(doubtsOf({ ...contents, digests })),
    });
    const file = openSync(partial, 'r+');
    fsyncSync(file);
    closeSync(file);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

const byPart = <Value>(make: (part: Part) => Value): Record<Part, Value> => ({
  train: make('train'),
  val: make('val'),
  test: make('test'),
});

/** @throws TwoviewError DISK_FULL, CACHE_ACCESS for what the operating system refuses there */
async function inCache(path: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof TwoviewError || error instanceof torch.TorchError || code === undefined) throw error;
    if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code)) {
      throw new TwoviewError('DISK_FULL', {
        what: 'the disk is full; nothing half made was left',
        where: path,
        next: ['make room, or move the data cache with TWOVIEW_DATA=FOLDER'],
        cause: error,
      });
    }
    throw new TwoviewError('CACHE_ACCESS', {
      what: `the data cache cannot be used: ${(error as Error).message}`,
      where: dirname(path),
      next: ['TWOVIEW_DATA=FOLDER  names another place for it', 'or make it writable'],
      cause: error,
    });
  }
}

/** Removes the half stores of processes that were killed while they wrote; other machines may share the cache. */
function sweep(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const [, host, pid] = /\.partial-(?:(.+)-)?(\d+)$/.exec(name) ?? [];
    if (pid === undefined || (host !== undefined && host !== hostname()) || isAlive(Number(pid))) continue;
    rmSync(join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const digestsIn = (path: string): Record<Part, Buffer> =>
  torch.scope(() => {
    const { tensors } = torch.safetensors.load(path);
    return byPart((part) => Buffer.from(tensors[`${part}.digests`]!.contiguous().toTypedArray() as Uint8Array));
  });

function readStore(path: string): Stored {
  return torch.scope(() => {
    const { tensors, metadata } = torch.safetensors.load(path);
    const split = (part: Part): Split => {
      const images = tensors[`${part}.images`]!;
      return { images, labels: tensors[`${part}.labels`]!, count: images.shape[0]!, paths: null };
    };
    const [train, val, test] = PARTS.map(split) as [Split, Split, Split];
    const set = disposable({
      name: metadata.name!,
      root: null,
      hash: metadata.hash!,
      classes: JSON.parse(metadata.classes!),
      imageSize: train.images.shape[2]!,
      notes: JSON.parse(metadata.notes!),
      warnings: JSON.parse(metadata.warnings!),
      digests: async () => digestsIn(path),
      train,
      val: val.count > 0 ? val : null,
      test: test.count > 0 ? test : null,
    });
    return Object.assign(set, { leftOut: JSON.parse(metadata.leftOut ?? '[]') });
  });
}
