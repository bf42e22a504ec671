/** @file What lies in a folder of images: files, classes, splits, without opening any of them. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { TwoviewError } from '../errors.js';

export interface ListedImage {
  path: string;
  /** -1 where the class is not known. */
  label: number;
}

export interface Listing {
  name: string;
  classes: string[];
  train: ListedImage[];
  test: ListedImage[];
  notes: string[];
}

const EXTENSIONS = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.bmp', '.tif', '.tiff', '.avif']);
const TEST_FOLDERS = ['test', 'val', 'valid', 'validation'];

/** @throws TwoviewError DATA_NOT_FOUND, DATA_EMPTY */
export function listFolder(root: string): Listing {
  const train = join(root, 'train');
  if (!existsSync(train)) return listWhole(root);
  const testFolder = TEST_FOLDERS.map((name) => join(root, name)).find((path) => existsSync(path));
  const trained = readClasses(train);
  const tested = testFolder === undefined ? null : readClasses(testFolder, trained.classes);
  return {
    name: basename(root),
    classes: trained.classes,
    train: trained.images,
    test: tested?.images ?? [],
    notes: [...trained.notes, ...(tested?.notes ?? [])],
  };
}

function listWhole(root: string): Listing {
  const { images, classes, notes } = readClasses(root);
  return { name: basename(root), classes, train: images, test: [], notes };
}

/** One folder a class, or images side by side without classes. */
function readClasses(root: string, known?: string[]): { images: ListedImage[]; classes: string[]; notes: string[] } {
  const entries = readdirSync(root, { withFileTypes: true });
  const folders = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
  if (folders.length === 0) {
    const { paths, ignored } = imagesIn(root);
    if (paths.length === 0) throw empty(root, ignored);
    return { images: paths.map((path) => ({ path, label: -1 })), classes: [], notes: ignoredNote(ignored) };
  }
  const classes = known ?? folders;
  let ignored = 0;
  const images = folders.flatMap((name) => {
    const found = imagesIn(join(root, name));
    ignored += found.ignored;
    if (found.paths.length === 0) throw empty(join(root, name), found.ignored);
    const label = classes.indexOf(name);
    if (label < 0) {
      throw new TwoviewError('DATA_EMPTY', {
        what: `class ${name} is tested but has no training images`,
        where: join(root, name),
        next: ['add training images of it, or remove the folder'],
      });
    }
    return found.paths.map((path) => ({ path, label }));
  });
  return { images, classes, notes: ignoredNote(ignored) };
}

function imagesIn(folder: string): { paths: string[]; ignored: number } {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const paths = files
    .filter((entry) => EXTENSIONS.has(extname(entry.name).toLowerCase()))
    .map((entry) => join(entry.parentPath, entry.name));
  return { paths: paths.sort(), ignored: files.filter((entry) => !entry.name.startsWith('.')).length - paths.length };
}

const ignoredNote = (ignored: number) => (ignored > 0 ? [`${ignored} files that are no images were left alone`] : []);

function empty(folder: string, ignored: number): TwoviewError {
  return new TwoviewError('DATA_EMPTY', {
    what: ignored > 0 ? `there are no images here, only ${ignored} other files` : 'there are no images here',
    where: folder,
    next: [`images end in ${[...EXTENSIONS].join(' ')}`],
  });
}

/** Of names, sizes and times of change: another file is another hash. */
export function listingHash({ train, test }: Listing, salt: string): string {
  const hash = createHash('sha256').update(salt);
  for (const [split, images] of [
    ['train', train],
    ['test', test],
  ] as const) {
    for (const { path, label } of images) {
      const { size, mtimeMs } = statSync(path);
      hash.update(`${split}\0${path}\0${label}\0${size}\0${mtimeMs}\n`);
    }
  }
  return hash.digest('hex').slice(0, 24);
}
