/** @file What a folder of images means: parts, classes, or images side by side without labels. */
import { basename } from 'node:path';
import { closest } from '../../config/closest.js';
import { TwoviewError } from '../../errors.js';
import { meaningOfParts, PART_WORDS, type Part, partOf } from '../parts.js';
import { type Folder, IMAGE_EXTENSIONS, type ImageFile, imagesBelow, readTree, Tally } from './inventory.js';
import { classesOf, type Listed, type Listing } from './listing.js';

interface Named extends ImageFile {
  /** Empty where no folder names the class. */
  className: string;
}

/** @throws TwoviewError DATA_EMPTY, DATA_UNREADABLE, DATA_CONFLICT, DATA_LAYOUT */
export function listFolder(path: string): Listing {
  const tally = new Tally();
  const tree = readTree(path, tally);
  if (tree.count === 0) throw empty(tree);
  const notes: string[] = [];
  const root = steppedInto(tree, notes);
  const parts = root.folders.filter(({ name }) => partOf(name) !== null);
  const named: Record<Part, Named[]> = { train: [], val: [], test: [] };
  if (parts.length === 0) {
    requireNoInnerParts(root);
    named.train = readClasses(root, notes);
  } else {
    requireParts(root);
    beside(root, 'the folders of the splits', notes);
    const names = meaningOfParts(
      parts.map(({ name }) => name),
      (word) => parts.find(({ name }) => name === word)!.count,
    );
    notes.push(...names.notes);
    for (const folder of parts) {
      const part = names.meaning.get(folder.name)!;
      if (part !== null) named[part] = named[part].concat(readClasses(folder, notes));
    }
  }
  return listingOf(basename(path), named, [...notes, ...tally.notes()]);
}

function listingOf(name: string, named: Record<Part, Named[]>, notes: string[]): Listing {
  const all = [...named.train, ...named.val, ...named.test];
  const { classes, indexOf } = classesOf(all.map(({ className }) => className));
  const seen = new Map<string, { part: Part; label: number; path: string }>();
  const anyLinked = all.some(({ linked }) => linked); // hard links and copies are images of their own
  let twice = 0;
  const listed = (part: Part): Listed[] =>
    named[part].flatMap(({ path, real, className }) => {
      const label = indexOf(className);
      if (!anyLinked) return [{ path, label }];
      const before = seen.get(real);
      if (before === undefined) {
        seen.set(real, { part, label, path });
        return [{ path, label }];
      }
      if (before.part !== part || before.label !== label) throw conflict(before.path, path);
      twice++;
      return [];
    });
  const parts = { train: listed('train'), val: listed('val'), test: listed('test') };
  if (twice > 0) notes.push(`${twice} links to images of the same class and part were counted once`);
  return { name, classes, ...parts, notes };
}

/** A folder round the set, as archives have it, says nothing: what counts is inside. */
function steppedInto(tree: Folder, notes: string[]): Folder {
  let at = tree;
  while (at.images.length === 0 && at.folders.length === 1 && partOf(at.folders[0]!.name) === null) {
    at = at.folders[0]!;
    notes.push(
      at.folders.length === 0
        ? `stepped into ${at.name}/, the only folder; a folder alone is no class, so its images have no labels`
        : `stepped into ${at.name}/, the only folder`,
    );
  }
  return at;
}

/** One folder a class, or images side by side without classes. */
function readClasses(folder: Folder, notes: string[]): Named[] {
  const [only] = folder.folders;
  if (only === undefined) {
    if (folder.images.length === 0) throw empty(folder);
    return folder.images.map((image) => ({ ...image, className: '' }));
  }
  // train/images/cat/...: one class of everything would be of no use.
  if (
    folder.folders.length === 1 &&
    folder.images.length === 0 &&
    only.images.length === 0 &&
    only.folders.length > 1
  ) {
    notes.push(`stepped into ${folder.name}/${only.name}/, the only folder there`);
    return readClasses(only, notes);
  }
  beside(folder, 'the class folders', notes);
  const names = new Map<string, string>();
  return folder.folders.flatMap((one) => {
    if (one.count === 0) throw empty(one);
    const className = one.name.normalize('NFC');
    if (names.has(className))
      notes.push(`two folders are called ${className}, in two forms of Unicode: they are one class`);
    names.set(className, one.path);
    return imagesBelow(one).map((image) => ({ ...image, className }));
  });
}

function beside({ images }: Folder, what: string, notes: string[]): void {
  if (images.length > 0) notes.push(`${images.length} images beside ${what} are not used`);
}

/** A folder that names no part beside some that do would be left out in silence. */
function requireParts({ folders, path }: Folder): void {
  const unknown = folders.filter(({ name, count }) => partOf(name) === null && count > 0);
  if (unknown.length > 0) {
    throw new TwoviewError('DATA_LAYOUT', {
      what: `${folders.filter(({ name }) => partOf(name) !== null).map(({ name }) => name)} name splits, ${unknown.map(({ name }) => name).slice(0, 5)} do not`,
      where: path,
      next: [
        `splits are called ${PART_WORDS.join(', ')}; move other folders away, or into train/ where they are classes`,
        'a class of such a name: list the images in a table of path,label',
      ],
    });
  }
  if (folders.some(({ name }) => partOf(name) === 'train')) return;
  throw new TwoviewError('DATA_LAYOUT', {
    what: `there is no training split, only ${folders.map(({ name }) => name)}`,
    where: path,
    next: ['call its folder train, or name the folder of one split alone'],
  });
}

/** cat/train/..., cat/test/...: taken as it is, test images would be trained on. */
function requireNoInnerParts({ folders }: Folder): void {
  const inner = folders.find((one) => one.folders.filter(({ name }) => partOf(name) !== null).length > 1);
  if (inner === undefined) return;
  throw new TwoviewError('DATA_LAYOUT', {
    what: `the splits (${inner.folders.map(({ name }) => name)}) are inside of what would be a class, ${inner.name}`,
    where: inner.path,
    next: [
      'put the splits outside: train/CLASS/..., test/CLASS/...',
      'or list the images in a table of path,label,split',
    ],
  });
}

const conflict = (first: string, second: string): TwoviewError =>
  new TwoviewError('DATA_CONFLICT', {
    what: 'links lead to one image from two classes or splits',
    where: `${first}\n         ${second}`,
    next: ['remove one of them'],
  });

function empty({ path, others }: Folder): TwoviewError {
  return new TwoviewError('DATA_EMPTY', {
    what: others > 0 ? `there are no images here, only ${others} other files` : 'there are no images here',
    where: path,
    next: [
      `images end in ${[...IMAGE_EXTENSIONS].join(' ')}`,
      'a folder that is no class must not stand among the class folders',
    ],
  });
}

/** A class that is tested and not trained, with the training class of nearly the same name. */
export function untrainedHint(name: string, trained: readonly string[]): string {
  const near = closest(name, trained);
  return near === null ? '' : `; training images have a class ${near}`;
}
