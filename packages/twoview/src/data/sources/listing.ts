/** @file A set before any of its images is opened: what belongs to which part and class. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { TwoviewError } from '../../errors.js';
import { PARTS, type Part } from '../parts.js';

export interface Listed {
  /** The file, or what stands for it in a source that is not made of image files: `data_batch_1:17`. */
  path: string;
  /** Index of the class; -1 where it is not known. */
  label: number;
}

export interface Listing extends Record<Part, Listed[]> {
  name: string;
  classes: string[];
  notes: string[];
}

/** Every image of a set with its part, in the order in which stores hold them. */
export const allOf = (listing: Listing): { part: Part; image: Listed }[] =>
  PARTS.flatMap((part) => listing[part].map((image) => ({ part, image })));

/** Labels of images by the names of their classes; classes are those that occur, sorted, in Unicode's composed form. */
export function classesOf(names: readonly string[]): { classes: string[]; indexOf(name: string): number } {
  const classes = [...new Set(names.map((name) => name.normalize('NFC')))].filter((name) => name !== '').sort();
  const index = new Map(classes.map((name, i) => [name, i]));
  return { classes, indexOf: (name) => index.get(name.normalize('NFC')) ?? -1 };
}

/** What changes when a file is replaced, even by one of the same size and time of change. */
export function stateOfFile(path: string): string {
  try {
    const stat = statSync(path, { bigint: true });
    if (!stat.isFile()) throw Object.assign(new Error('it is no file'), { code: 'EISDIR' });
    const { size, mtimeNs, ctimeNs, ino } = stat;
    return `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Finds a store again without opening an image: names, classes, and the state of every file. */
export function listingKey(listing: Listing, salt: string): string {
  const hash = createHash('sha256').update(JSON.stringify([salt, listing.classes]));
  for (const part of PARTS) {
    for (const { path, label } of listing[part]) hash.update(`${part}\0${path}\0${label}\0${stateOfFile(path)}\n`);
  }
  return hash.digest('hex').slice(0, 24);
}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file or folder any more',
  EACCES: 'you may not read this',
  EPERM: 'you may not read this',
  ENAMETOOLONG: 'this path is longer than the system allows',
  EISDIR: 'this is no file',
  ELOOP: 'its links lead round in a circle',
};

/** DATA_UNREADABLE for what the operating system refuses. */
export function unreadable(path: string, error: unknown): TwoviewError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new TwoviewError('DATA_UNREADABLE', {
    what: REASONS[code ?? ''] ?? `this cannot be read: ${message}`,
    where: path,
    next: ['make it readable (chmod, chown), or take it out of the set'],
    cause: error,
  });
}
