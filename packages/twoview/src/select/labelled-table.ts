/** @file Which training images have a label in a table: by path, or by index where images have no files. */
import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { READING_DEFAULTS } from '../config/reading-defaults.js';
import type { ImageSet } from '../data/image-set.js';
import { partOf } from '../data/parts.js';
import { allOf } from '../data/sources/listing.js';
import { listTable } from '../data/tables/list-table.js';
import { readRows } from '../data/tables/table-rows.js';
import { invalid, readTableText } from '../data/tables/table-text.js';
import { TwoviewError } from '../errors.js';
import type { JobIo } from '../runs/events.js';

/**
 * @param table of path,label, or of index,label where the set is not made of files; a row without a label leaves its image open
 * @throws TwoviewError DATA_NOT_FOUND, CONFIG_INVALID where no image of it is among the training images; as `openImages`
 */
export function labelledIn(table: string, set: ImageSet, io: JobIo): number[] {
  if (!existsSync(table)) {
    throw new TwoviewError('DATA_NOT_FOUND', {
      what: 'there is no such table',
      where: `--labelled ${table}`,
      next: ['name a CSV of path,label'],
    });
  }
  const { places, open } = set.root === null ? byIndex(table, set) : byPath(table, set);
  const found = [...new Set(places.filter((place) => place !== undefined))];
  const elsewhere = places.filter((place) => place === undefined).length;
  if (elsewhere > 0 && found.length === 0) {
    throw new TwoviewError('CONFIG_INVALID', {
      what: `none of the ${elsewhere} labelled images of this table is a training image of ${set.name}`,
      where: `--labelled ${table}`,
      next: ['give --data all images, labelled or not; paths are relative to the folder of the table'],
    });
  }
  const note = (text: string) => io.onEvent?.({ type: 'note', text });
  if (elsewhere > 0) note(`note: ${elsewhere} labelled rows of ${table} name no training image of ${set.name}`);
  if (open > 0) note(`note: ${open} rows of ${table} have no label; their images may be chosen`);
  return found;
}

interface Places {
  /** Of each row with a label: its training image; undefined where it names another image. */
  places: (number | undefined)[];
  /** Rows without a label. */
  open: number;
}

function byPath(table: string, { root, train }: ImageSet): Places {
  const rows = allOf(listTable(realpathSync(table), READING_DEFAULTS)).map(({ image }) => image);
  const places = new Map(train.paths!.map((path, index) => [resolve(root!, path), index]));
  const labelled = rows.filter(({ label }) => label >= 0);
  return { places: labelled.map(({ path }) => places.get(path)), open: rows.length - labelled.length };
}

function byIndex(table: string, { name, train }: ImageSet): Places {
  const isHead = (cells: readonly string[]) => cells.includes('index') && cells.includes('label');
  const [head, ...rows] = readRows(table, readTableText(table, READING_DEFAULTS.encoding), isHead).rows;
  if (head === undefined || !isHead(head.cells)) {
    throw invalid(`${table}:1`, `${name} has no image files, so a column index and a column label are needed`, [
      'take the columns of the file that twoview select writes: split,index,label,rank',
    ]);
  }
  const [at, label, split] = ['index', 'label', 'split'].map((column) => head.cells.indexOf(column)) as [
    number,
    number,
    number,
  ];
  const labelled = rows.filter(({ cells }) => cells[label]);
  const places = labelled.map(({ line, cells }) => {
    if (split >= 0 && partOf(cells[split] ?? '') !== 'train') return undefined;
    const index = Number(cells[at] || Number.NaN);
    if (Number.isInteger(index) && index >= 0 && index < train.count) return index;
    throw invalid(`${table}:${line}`, `"${cells[at]}" is no index of ${train.count} training images`);
  });
  return { places, open: rows.length - labelled.length };
}
