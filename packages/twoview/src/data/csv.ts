/** @file A CSV or TSV of path,label, with an optional split column; paths are relative to the file. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { TwoviewError } from '../errors.js';
import type { Listing } from './listing.js';

const SHOWN = 5;

/** An empty label leaves the class open. @throws TwoviewError DATA_EMPTY, DATA_NOT_FOUND listing rows whose file is missing */
export function listCsv(file: string): Listing {
  const rows: string[][] = parse(readFileSync(file), {
    delimiter: /\.tsv$/i.test(file) ? '\t' : ',',
    bom: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
  });
  const headed = /^(path|file|image|filename)$/i.test(rows[0]?.[0] ?? '');
  const columns = headed ? rows[0]!.map((name) => name.toLowerCase()) : ['path', 'label', 'split'];
  const labelColumn = columns.findIndex((name) => /^(label|class)$/.test(name));
  const splitColumn = columns.indexOf('split');
  const images = (headed ? rows.slice(1) : rows).map((row, i) => ({
    line: i + (headed ? 2 : 1),
    path: resolve(dirname(file), row[0] ?? ''),
    label: row[labelColumn] ?? '',
    test: /^(test|val|valid|validation)$/i.test(row[splitColumn] ?? ''),
  }));
  if (images.length === 0)
    throw new TwoviewError('DATA_EMPTY', {
      what: 'this table has no rows',
      where: file,
      next: ['give it one line an image: path,label'],
    });
  const missing = images.filter(({ path }) => !existsSync(path));
  if (missing.length > 0) {
    throw new TwoviewError('DATA_NOT_FOUND', {
      what: `${missing.length} of ${images.length} rows name files that do not exist`,
      where: [
        ...missing.slice(0, SHOWN).map(({ line, path }) => `${file}:${line}  ${path}`),
        ...(missing.length > SHOWN ? [`and ${missing.length - SHOWN} more`] : []),
      ].join('\n         '),
      next: ['paths are relative to the folder of the table'],
    });
  }
  const classes = [...new Set(images.map(({ label }) => label).filter((label) => label !== ''))].sort();
  const listed = (test: boolean) =>
    images.filter((image) => image.test === test).map(({ path, label }) => ({ path, label: classes.indexOf(label) }));
  return { name: basename(file), classes, train: listed(false), test: listed(true), notes: [] };
}
