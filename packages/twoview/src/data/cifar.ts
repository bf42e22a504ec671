/** @file CIFAR-10 and CIFAR-100 in the official layouts, binary or pickled for Python, as sets. */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { JobIo } from '../runs/events.js';
import { type Batch, binaryNames, PIXELS, pythonNames, readBinary, readPython } from './cifar-batches.js';
import type { ImageSet } from './image-set.js';
import { openStore } from './store.js';

export interface Layout {
  name: string;
  train: string[];
  test: string[];
  read(path: string): Batch;
  classNames(folder: string): string[];
}

const batches = (pattern: (i: number) => string) => [1, 2, 3, 4, 5].map(pattern);

const LAYOUTS: Layout[] = [
  {
    name: 'cifar10',
    train: batches((i) => `data_batch_${i}.bin`),
    test: ['test_batch.bin'],
    read: (path) => readBinary(path, 1),
    classNames: (folder) => binaryNames(join(folder, 'batches.meta.txt')),
  },
  {
    name: 'cifar100',
    train: ['train.bin'],
    test: ['test.bin'],
    read: (path) => readBinary(path, 2),
    classNames: (folder) => binaryNames(join(folder, 'fine_label_names.txt')),
  },
  {
    name: 'cifar10',
    train: batches((i) => `data_batch_${i}`),
    test: ['test_batch'],
    read: (path) => readPython(path, 'labels'),
    classNames: (folder) => pythonNames(join(folder, 'batches.meta'), 'label_names'),
  },
  {
    name: 'cifar100',
    train: ['train'],
    test: ['test'],
    read: (path) => readPython(path, 'fine_labels'),
    classNames: (folder) => pythonNames(join(folder, 'meta'), 'fine_label_names'),
  },
];

/** The layout that a folder is in, or null when it holds no CIFAR. */
export const cifarLayout = (folder: string): Layout | null =>
  LAYOUTS.find(({ train }) => {
    const first = join(folder, train[0]!);
    return existsSync(first) && statSync(first).isFile();
  }) ?? null;

/** @throws TwoviewError DATA_CORRUPT for a damaged batch */
export async function openCifar(folder: string, layout: Layout, io: JobIo): Promise<ImageSet> {
  const present = (names: string[]) => names.map((name) => join(folder, name)).filter((path) => existsSync(path));
  const paths = { train: present(layout.train), test: present(layout.test) };
  const hash = createHash('sha256').update('cifar 2');
  for (const path of [...paths.train, ...paths.test]) {
    hash.update(`${path} ${statSync(path).size} ${statSync(path).mtimeMs}\n`);
  }
  const read = { train: [] as Batch[], test: [] as Batch[] };
  return openStore(
    hash.digest('hex').slice(0, 24),
    io,
    async () => {
      read.train = paths.train.map(layout.read);
      read.test = paths.test.map(layout.read);
      const labels = (some: Batch[]) => some.flatMap((batch) => batch.labels);
      const train = labels(read.train);
      const count = train.reduce((most, label) => Math.max(most, label), 0) + 1;
      const names = layout.classNames(folder);
      const classes = names.length >= count ? names : Array.from({ length: count }, (_, i) => `class ${i}`);
      return { name: layout.name, classes, imageSize: 32, notes: [], train, test: labels(read.test) };
    },
    async (file, place) => {
      const handle = openSync(file, 'r+');
      for (const split of ['train', 'test'] as const) {
        let index = 0;
        for (const { labels, image } of read[split]) {
          for (let i = 0; i < labels.length; i++) writeSync(handle, image(i), 0, PIXELS, place(split, index++));
        }
      }
      closeSync(handle);
    },
  );
}
