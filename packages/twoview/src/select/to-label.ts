/**
 * @file The table of chosen images with an empty label each. Filled in, it is a table that `--data` takes: paths are relative to it, and
 * it has no column that names parts, since the chosen images are training images.
 */
import { realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { ImageSet } from '../data/image-set.js';
import { writeCsv } from '../data/tables/csv-file.js';
import { TwoviewError } from '../errors.js';

/** What cannot be written into the table. @throws TwoviewError DATA_UNREADABLE */
export function requireNames({ train, name }: ImageSet): void {
  const broken = train.paths?.find((path) => /[\r\n]/.test(path));
  if (broken === undefined) return;
  throw new TwoviewError('DATA_UNREADABLE', {
    what: 'the name of this image holds a line break, which a table of images must not',
    where: `${name}: ${JSON.stringify(broken)}`,
    next: ['rename it'],
  });
}

/** Columns path,label,rank; split,index,label,rank where images have no files. @param chosen training images, in order of choice */
export function writeToLabel(out: string, { root, train }: ImageSet, chosen: readonly number[]): void {
  const rank = (i: number) => i + 1;
  if (root === null || train.paths === null) {
    writeCsv(out, [['split', 'index', 'label', 'rank'], ...chosen.map((index, i) => ['train', index, '', rank(i)])]);
    return;
  }
  const { paths } = train;
  const folder = realpathSync(dirname(resolve(out))); // as who reads it will call it
  const path = (index: number) => relative(folder, join(root, paths[index]!));
  writeCsv(out, [['path', 'label', 'rank'], ...chosen.map((index, i) => [path(index), '', rank(i)])]);
}
