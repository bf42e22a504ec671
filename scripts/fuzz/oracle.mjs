/** @file What an input holds, counted without the library: what it takes must agree with these. */
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Images of a set, of all its parts. */
export const images = (set) => [set.train, set.val, set.test].reduce((sum, split) => sum + (split?.count ?? 0), 0);

/** Files and images that the notes say were not used. */
export const notUsed = (notes) =>
  notes.reduce(
    (sum, note) =>
      sum + (/left out|(?<!^columns that )are not used/.test(note) ? Number(/^\d+/.exec(note)?.[0] ?? Number.NaN) : 0),
    0,
  );

/** All that is no folder, below one; what a link leads to counts once for each way to it. Links in hidden folders are not followed. */
export function filesBelow(folder, inHidden = false) {
  let count = 0;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const hidden = inHidden || name.startsWith('.') || name === '__MACOSX';
    const isFolder = hidden ? lstatSync(path).isDirectory() : statSync(path, { throwIfNoEntry: false })?.isDirectory();
    count += isFolder ? filesBelow(path, hidden) : 1;
  }
  return count;
}

/** Where a tensor of a safetensors file lies. @returns null where there is none */
export function tensorOf(path, name) {
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE());
  const entry = JSON.parse(bytes.toString('utf8', 8, 8 + length))[name];
  return entry === undefined
    ? null
    : {
        shape: entry.shape,
        bytes: bytes.subarray(8 + length + entry.data_offsets[0], 8 + length + entry.data_offsets[1]),
      };
}

/** Rows of a table without quotes: file without folder and ending, and class; of equal files the last. */
export function rowsOf(text, separator) {
  const [, ...rows] = text.split(/\r\n|\n|\r/).filter((row) => row.trim() !== '');
  return new Map(
    rows.map((row) => {
      const [path, label] = row.split(separator);
      return [
        path
          .trim()
          .replace(/^\.\//, '')
          .replace(/\.png$/, ''),
        label.trim(),
      ];
    }),
  );
}

/** Classes of the images of a set by their files, as `rowsOf` has them. */
export function classesOf(set) {
  const found = new Map();
  for (const split of [set.train, set.val, set.test]) {
    if (split === null) continue;
    const labels = split.labels.tolist();
    split.paths.forEach((path, i) => {
      const file = path.replace(/^.*[\\/]/, '').replace(/\.png$/, '');
      found.set(file, labels[i] < 0 ? null : set.classes[labels[i]]);
    });
  }
  return found;
}
