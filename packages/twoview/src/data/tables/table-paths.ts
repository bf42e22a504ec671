/** @file The file that a cell of a table means: as written, with backslashes, in another form of Unicode, or without its extension. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, extname, join, parse, resolve, sep } from 'node:path';
import { IMAGE_EXTENSIONS } from '../sources/inventory.js';

export interface Found {
  /** Absolute; null where there is no such file. */
  path: string | null;
  /** How, where it was not as written. */
  way: string | null;
}

const nothing: Found = { path: null, way: null };

/** @param folder what paths are relative to */
export function fileFinder(folder: string): (cell: string) => Found {
  const listings = new Map<string, { byForm: Map<string, string>; byStem: Map<string, string[]> }>();

  const listing = (path: string) => {
    const known = listings.get(path);
    if (known !== undefined) return known;
    const byForm = new Map<string, string>();
    const byStem = new Map<string, string[]>();
    for (const name of entries(path)) {
      byForm.set(name.normalize('NFC'), name);
      if (!IMAGE_EXTENSIONS.has(extname(name).toLowerCase())) continue;
      const stem = parse(name).name.normalize('NFC');
      byStem.set(stem, [...(byStem.get(stem) ?? []), name]);
    }
    listings.set(path, { byForm, byStem });
    return { byForm, byStem };
  };

  /** Component by component, each in whatever form of Unicode the disk has it. */
  const inAnyForm = (path: string): string | null => {
    let at = parse(path).root;
    for (const part of path.slice(at.length).split(sep)) {
      const direct = join(at, part);
      const name = existsSync(direct) ? part : listing(at).byForm.get(part.normalize('NFC'));
      if (name === undefined) return null;
      at = join(at, name);
    }
    return at;
  };

  const asWritten = (cell: string): Found => {
    const path = resolve(folder, cell);
    if (existsSync(path)) return { path, way: null };
    const other = inAnyForm(path);
    if (other !== null) return { path: other, way: 'in another form of Unicode' };
    const parent = inAnyForm(dirname(path));
    const [only, ...more] =
      parent === null ? [] : (listing(parent).byStem.get(parse(path).base.normalize('NFC')) ?? []);
    if (only === undefined || more.length > 0) return nothing; // two files could be meant
    return { path: join(parent!, only), way: 'by their names without an extension' };
  };

  return (cell) => {
    if (cell === '' || cell.includes('\0')) return nothing;
    const found = asWritten(cell);
    if (found.path !== null || !cell.includes('\\') || sep === '\\') return found;
    const { path } = asWritten(cell.replaceAll('\\', '/'));
    return { path, way: 'with slashes in place of backslashes' };
  };
}

function entries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
