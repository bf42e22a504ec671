/** @file CIFAR-10 and CIFAR-100 in the official layouts, binary or pickled for Python, as sets. */
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { JobIo } from '../../runs/events.js';
import type { ImageSet } from '../image-set.js';
import { type Batch, binaryNames, damaged, pythonNames, readBinary, readPython } from './cifar-batches.js';
import { type Listed, stateOfFile } from './listing.js';
import { openRows } from './open-rows.js';
import { splitHere } from './split-here.js';

export interface Layout {
  name: string;
  /** Classes. */
  most: number;
  train: string[];
  test: string[];
  read(path: string): Batch;
  classNames(folder: string): string[];
}

const batches = (pattern: (i: number) => string) => [1, 2, 3, 4, 5].map(pattern);

const LAYOUTS: Layout[] = [
  {
    name: 'cifar10',
    most: 10,
    train: batches((i) => `data_batch_${i}.bin`),
    test: ['test_batch.bin'],
    read: (path) => readBinary(path, 1),
    classNames: (folder) => binaryNames(join(folder, 'batches.meta.txt')),
  },
  {
    name: 'cifar100',
    most: 100,
    train: ['train.bin'],
    test: ['test.bin'],
    read: (path) => readBinary(path, 2),
    classNames: (folder) => binaryNames(join(folder, 'fine_label_names.txt')),
  },
  {
    name: 'cifar10',
    most: 10,
    train: batches((i) => `data_batch_${i}`),
    test: ['test_batch'],
    read: (path) => readPython(path, 'labels'),
    classNames: (folder) => pythonNames(join(folder, 'batches.meta'), 'label_names'),
  },
  {
    name: 'cifar100',
    most: 100,
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
  const present = (names: string[]) => names.filter((name) => existsSync(join(folder, name)));
  const files = { train: present(layout.train), test: present(layout.test) };
  const hash = createHash('sha256').update(`cifar 3 ${folder}`);
  for (const name of [...files.train, ...files.test]) hash.update(`${name} ${stateOfFile(join(folder, name))}\n`);
  return await openRows(hash.digest('hex').slice(0, 24), io, 'copying', async () => {
    const batches = new Map([...files.train, ...files.test].map((name) => [name, layout.read(join(folder, name))]));
    const listed = (names: string[]): Listed[] =>
      names.flatMap((name) => batches.get(name)!.labels.map((label, i) => ({ path: `${name}:${i}`, label })));
    const parts = { train: listed(files.train), val: [], test: listed(files.test) };
    const classes = classNames(layout, folder, [...parts.train, ...parts.test]);
    const missing = [...layout.train, ...layout.test].filter((name) => !batches.has(name));
    const notes = missing.length > 0 ? [`batches that are not there: ${missing.join(', ')}`] : [];
    return {
      listing: splitHere({ name: layout.name, classes, ...parts, notes }),
      imageSize: 32,
      pixels: ({ path }) => {
        const [name, index] = path.split(':') as [string, string];
        return batches.get(name)!.image(Number(index));
      },
    };
  });
}

/** The names that came along, or numbers. @throws TwoviewError DATA_CORRUPT for labels that the layout cannot have */
function classNames(layout: Layout, folder: string, listed: readonly Listed[]): string[] {
  const most = listed.reduce((highest, { label }) => Math.max(highest, label), 0);
  if (most >= layout.most) {
    const { path } = listed.find(({ label }) => label >= layout.most)!;
    throw damaged(join(folder, path), `it has a label ${most}, and ${layout.name} has ${layout.most} classes`);
  }
  const names = layout.classNames(folder).map((name) => name.normalize('NFC'));
  return names.length > most ? names : Array.from({ length: most + 1 }, (_, i) => `class ${i}`);
}
