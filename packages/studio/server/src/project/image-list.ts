/**
 * @file The list of images, frozen when a source is first seen: an id means the same image for as long as there is the project.
 * Files that come later are added at its end; files that are gone stay in it, as ignored ones.
 */
import type { Part } from '../api.js';
import type { Db } from './database.js';
import { PARTS } from './image-table.js';

export interface Found {
  /** Null for sets that are not files of pictures. */
  path: string | null;
  /** The file behind all links, as it was at the scan. */
  real: string | null;
  part: Part;
  /** Why it is not used; null where it is. */
  ignored: string | null;
}

export interface Listed extends Found {
  id: number;
}

interface Row {
  id: number;
  path: string | null;
  real: string | null;
  part: number;
  ignored: string | null;
}

/** The reason why an image of an earlier scan is ignored. */
export const GONE = 'it is not in the source any more';

export function readImages(db: Db): Listed[] {
  const rows = db.prepare('SELECT id, path, real, part, ignored FROM image ORDER BY id').all() as Row[];
  return rows.map(({ part, ...row }) => ({ ...row, part: PARTS[part]! }));
}

/**
 * Brings the list up to date.
 *
 * @returns the id of each of `found`
 * @throws Error where a set without files has another number of images than it had
 */
export function updateImages(db: Db, found: readonly Found[]): number[] {
  return db.transaction(() => {
    const known = readImages(db);
    const insert = db.prepare('INSERT INTO image VALUES (@id, @path, @real, @part, @ignored)');
    const update = db.prepare('UPDATE image SET real = @real, part = @part, ignored = @ignored WHERE id = @id');
    let next = known.length;
    const row = (image: Found, id: number) => ({ ...image, id, part: PARTS.indexOf(image.part) });
    if (found.some(({ path }) => path === null))
      return byPlace(known, found, (image, id) => insert.run(row(image, id)));
    const idOf = new Map(known.map(({ path, id }) => [path, id]));
    const ids = found.map((image) => {
      const id = idOf.get(image.path);
      if (id === undefined) {
        insert.run(row(image, next));
        return next++;
      }
      const before = known[id]!;
      if (before.real !== image.real || before.part !== image.part || before.ignored !== image.ignored)
        update.run(row(image, id));
      return id;
    });
    const seen = new Set(ids);
    for (const image of known) if (!seen.has(image.id)) update.run(row({ ...image, ignored: GONE }, image.id));
    return ids;
  })();
}

function byPlace(known: Listed[], found: readonly Found[], insert: (image: Found, id: number) => void): number[] {
  if (known.length === 0) found.forEach(insert);
  else if (known.length !== found.length)
    throw new Error(`the project knows ${known.length} images of this source, which now has ${found.length}`);
  return found.map((_, id) => id);
}

/** Images that decoding left out. */
export function ignoreImages(db: Db, ids: readonly number[], reason: string): void {
  const update = db.prepare('UPDATE image SET ignored = ? WHERE id = ?');
  db.transaction(() => {
    for (const id of ids) update.run(reason, id);
  })();
}
