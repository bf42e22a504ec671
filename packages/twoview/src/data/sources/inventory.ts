/**
 * @file Every file below a folder, once: an image, or counted with the reason why it is none. Links are followed, those to files
 * and those to folders; a link that leads back to a folder above it is refused.
 */
import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { extname, sep } from 'node:path';
import { TwoviewError } from '../../errors.js';
import { unreadable } from './listing.js';

/** By name; what a file really is, its bytes say when it is decoded. */
export const IMAGE_EXTENSIONS: ReadonlySet<string> = new Set(
  '.jpg .jpeg .jpe .jfif .png .webp .gif .bmp .dib .tif .tiff .avif .heic .heif'.split(' '),
);

/** Folders that systems and not people make; names that begin with a dot are hidden everywhere. */
const SYSTEM = new Set(['__MACOSX', '@eaDir', '$RECYCLE.BIN', 'System Volume Information', 'lost+found']);
const isHidden = (name: string): boolean => name.startsWith('.') || SYSTEM.has(name);

export interface ImageFile {
  path: string;
  /** The file itself, behind all links. */
  real: string;
  /** Whether a link led here. */
  linked: boolean;
}

export interface Folder {
  name: string;
  path: string;
  /** Directly in it, by path. */
  images: ImageFile[];
  /** By name. */
  folders: Folder[];
  /** Files below it that are no images. */
  others: number;
  /** Images below it. */
  count: number;
}

/** What was not used, for the notes. */
export class Tally {
  readonly #kinds = new Map<string, number>();
  readonly #hidden: string[] = [];
  readonly #broken: string[] = [];
  #hiddenFiles = 0;
  #special = 0;
  #links = 0;

  other(name: string): void {
    const kind = extname(name).toLowerCase() || 'without an extension';
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
  }
  hidden(name: string, files: number): void {
    this.#hidden.push(name);
    this.#hiddenFiles += files;
  }
  broken(path: string): void {
    this.#broken.push(path);
  }
  special(): void {
    this.#special++;
  }
  followed(): void {
    this.#links++;
  }

  notes(): string[] {
    const others = [...this.#kinds].sort((a, b) => b[1] - a[1]);
    const sum = others.reduce((total, [, count]) => total + count, 0);
    const some = (list: readonly string[]) => `${list.slice(0, 3).join(', ')}${list.length > 3 ? ', ...' : ''}`;
    return [
      ...(this.#links > 0 ? [`${this.#links} links to files or folders were followed`] : []),
      ...(sum > 0
        ? [
            `${sum} files of kinds that are not read are not used (${some(others.map(([kind, count]) => `${count} ${kind}`))})`,
          ]
        : []),
      ...(this.#hiddenFiles > 0
        ? [`${this.#hiddenFiles} hidden files are not used (${some([...new Set(this.#hidden)])})`]
        : []),
      ...(this.#broken.length > 0
        ? [`${this.#broken.length} links that lead nowhere are not used (${some(this.#broken)})`]
        : []),
      ...(this.#special > 0 ? [`${this.#special} pipes, sockets or devices are not used`] : []),
    ];
  }
}

/** @throws TwoviewError DATA_UNREADABLE for folders that cannot be read, names that are no UTF-8, and links in a circle */
export function readTree(path: string, tally: Tally): Folder {
  return readFolder(path, { name: '', above: [realpathSync(path)], linked: false }, tally);
}

interface Place {
  name: string;
  /** Real paths of this folder and those that it lies in, the nearest last. */
  above: readonly string[];
  /** Whether a link led here. */
  linked: boolean;
}

function readFolder(path: string, { name, above, linked }: Place, tally: Tally): Folder {
  const folder: Folder = { name, path, images: [], folders: [], others: 0, count: 0 };
  for (const entry of entriesOf(path)) {
    const at = `${path}${sep}${entry.name}`; // join would look at every letter of every path
    if (isHidden(entry.name)) {
      tally.hidden(entry.name, entry.isDirectory() ? filesBelow(at) : 1);
      continue;
    }
    const link = entry.isSymbolicLink();
    const kind = link ? kindBehind(at) : kindOf(entry);
    if (kind === 'nothing') tally.broken(at);
    else if (kind === 'special') tally.special();
    else {
      if (link) tally.followed();
      requireUtf8(entry.name, path);
      const real = link ? realpathSync(at) : `${above.at(-1)}${sep}${entry.name}`;
      if (kind === 'folder') {
        if (above.includes(real)) throw circle(at, real);
        folder.folders.push(
          readFolder(at, { name: entry.name, above: [...above, real], linked: linked || link }, tally),
        );
      } else if (IMAGE_EXTENSIONS.has(extname(entry.name).toLowerCase())) {
        folder.images.push({ path: at, real, linked: linked || link });
      } else {
        tally.other(entry.name);
        folder.others++;
      }
    }
  }
  folder.images.sort(byPath);
  folder.folders.sort(byPath);
  for (const inner of folder.folders) folder.others += inner.others;
  folder.count = folder.images.length + folder.folders.reduce((sum, inner) => sum + inner.count, 0);
  return folder;
}

/** All images below a folder, by path. */
export const imagesBelow = (folder: Folder): ImageFile[] =>
  folder.folders.length === 0 ? folder.images : [folder.images, ...folder.folders.map(imagesBelow)].flat().sort(byPath);

const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    throw unreadable(path, error);
  }
}

type Kind = 'file' | 'folder' | 'special' | 'nothing';

const kindOf = (entry: { isFile(): boolean; isDirectory(): boolean }): Kind =>
  entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'special';

function kindBehind(link: string): Kind {
  try {
    return kindOf(statSync(link));
  } catch {
    return 'nothing';
  }
}

/** Only to count: what cannot be read there is of no consequence. */
function filesBelow(path: string): number {
  try {
    return readdirSync(path, { withFileTypes: true, recursive: true }).filter((entry) => !entry.isDirectory()).length;
  } catch {
    return 0;
  }
}

/** Node replaces what is no UTF-8 with this sign; a file of such a name cannot be opened by it. */
const REPLACEMENT = '�';

function requireUtf8(name: string, folder: string): void {
  if (!name.includes(REPLACEMENT)) return;
  throw new TwoviewError('DATA_UNREADABLE', {
    what: `the name of this file or folder is no UTF-8: ${name}`,
    where: folder,
    next: ['rename it; for a whole tree from an old Windows: convmv -f cp1252 -t utf8 -r --notest FOLDER'],
  });
}

const circle = (link: string, target: string): TwoviewError =>
  new TwoviewError('DATA_UNREADABLE', {
    what: `this link leads back to a folder that it lies in: ${target}`,
    where: link,
    next: ['remove the link'],
  });
