/** @file The files below a folder that are no images of the set, each with the reason: nothing is left out in silence. */
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface Ignored {
  path: string;
  reason: string;
}

/** More are counted, and not named. */
const MOST = 5000;

/** @param used paths from `root` of the images of the set @returns by path */
export function ignoredFiles(root: string, used: ReadonlySet<string>): Ignored[] {
  const found: Ignored[] = [];
  let more = 0;
  const add = (path: string, reason: string) => {
    if (found.length < MOST) found.push({ path, reason });
    else more++;
  };
  for (const { path, entry } of filesBelow(root)) {
    const name = relative(root, path);
    if (!used.has(name)) add(name, reasonOf(path, entry));
  }
  found.sort((a, b) => (a.path < b.path ? -1 : 1));
  if (more > 0) found.push({ path: '', reason: `${more} more files are not named here` });
  return found;
}

/** Folders behind links are not entered: what the set has of them is in it already. */
function* filesBelow(folder: string): Generator<{ path: string; entry: Dirent }> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return; // the scan itself has refused it, or does not need it
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (!(entry.isSymbolicLink() && isFolder(path))) yield { path, entry };
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function reasonOf(path: string, entry: Dirent): string {
  if (entry.name.startsWith('.')) return 'it is hidden';
  if (entry.isSymbolicLink()) {
    try {
      statSync(path);
    } catch {
      return 'it is a link that leads nowhere';
    }
  } else if (!entry.isFile()) return 'it is a pipe, a socket or a device';
  if (/\.svgz?$/i.test(entry.name)) return 'SVG is a program that draws, and is not read';
  return 'the set does not use it: by its name it is no image of a kind that is read, or it lies where none belongs';
}
