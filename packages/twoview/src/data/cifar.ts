/** @file CIFAR-10 and CIFAR-100 in the official binary layout: a label byte (or two), then 3072 bytes of planes. */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { TwoviewError } from '../errors.js';
import type { JobIo } from '../runs/events.js';
import type { ImageSet } from './image-set.js';
import { openStore } from './store.js';

const PIXELS = 3 * 32 * 32;

interface Layout {
  name: string;
  train: string[];
  test: string[];
  names: string;
  labelBytes: number;
}

const LAYOUTS: Layout[] = [
  {
    name: 'cifar10',
    train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
    test: ['test_batch.bin'],
    names: 'batches.meta.txt',
    labelBytes: 1,
  },
  { name: 'cifar100', train: ['train.bin'], test: ['test.bin'], names: 'fine_label_names.txt', labelBytes: 2 },
];

export const binaryLayout = (folder: string): Layout | null =>
  LAYOUTS.find(({ train }) => existsSync(join(folder, train[0]!))) ?? null;

/** @throws TwoviewError DATA_CORRUPT for a truncated batch */
export async function openCifarBinary(folder: string, layout: Layout, io: JobIo): Promise<ImageSet> {
  const present = (names: string[]) => names.map((name) => join(folder, name)).filter((path) => existsSync(path));
  const [train, test] = [present(layout.train), present(layout.test)];
  const hash = createHash('sha256').update('cifar 1');
  for (const path of [...train, ...test]) hash.update(`${path} ${statSync(path).size} ${statSync(path).mtimeMs}\n`);
  const read = (paths: string[]) => Buffer.concat(paths.map((path) => readBatch(path, layout)));
  const record = layout.labelBytes + PIXELS;
  // The last label byte is the fine one of CIFAR-100.
  const labels = (data: Buffer) =>
    Array.from({ length: data.length / record }, (_, i) => data[i * record + layout.labelBytes - 1]!);
  let data: { train: Buffer; test: Buffer } | null = null;
  const all = () => (data ??= { train: read(train), test: read(test) });
  return openStore(
    hash.digest('hex').slice(0, 24),
    io,
    async () => ({
      name: layout.name,
      classes: classNames(join(folder, layout.names), labels(all().train)),
      imageSize: 32,
      notes: [],
      train: labels(all().train),
      test: labels(all().test),
    }),
    async (file, place) => {
      const handle = openSync(file, 'r+');
      for (const split of ['train', 'test'] as const) {
        const bytes = all()[split];
        for (let i = 0; i < bytes.length / record; i++) {
          writeSync(handle, bytes, i * record + layout.labelBytes, PIXELS, place(split, i));
        }
      }
      closeSync(handle);
    },
  );
}

function readBatch(path: string, { labelBytes }: Layout): Buffer {
  const bytes = readFileSync(path);
  const record = labelBytes + PIXELS;
  if (bytes.length > 0 && bytes.length % record === 0) return bytes;
  throw new TwoviewError('DATA_CORRUPT', {
    what: `this CIFAR batch is cut off: ${bytes.length} bytes are not a multiple of ${record}`,
    where: path,
    next: ['get the file again'],
  });
}

function classNames(file: string, labels: number[]): string[] {
  const count = labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  const names = existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
    : [];
  return names.length >= count ? names : Array.from({ length: count }, (_, i) => `class ${i}`);
}
