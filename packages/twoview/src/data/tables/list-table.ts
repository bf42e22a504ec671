/** @file A table of path,label and, if it likes, splits: one row per image. Paths are relative to the table. */
import { basename, dirname } from 'node:path';
import { TwoviewError } from '../../errors.js';
import { meaningOfParts, PART_WORDS, type Part, partOf } from '../parts.js';
import { classesOf, type Listed, type Listing } from '../sources/listing.js';
import { requireOneLabel } from './one-label.js';
import { type ColumnOptions, type Columns, columnsOf, isHead, noPathColumn } from './table-columns.js';
import { fileFinder } from './table-paths.js';
import { type Row, readRows, separatorName } from './table-rows.js';
import { invalid, readTableText } from './table-text.js';

export interface TableOptions extends ColumnOptions {
  encoding: string;
}

interface Entry {
  line: number;
  path: string;
  label: string;
  /** The word of its part, as it stands there. */
  word: string;
}

const SHOWN = 5;

/** An empty label leaves the class open. @throws TwoviewError TABLE_INVALID, DATA_EMPTY, DATA_NOT_FOUND, DATA_CONFLICT */
export function listTable(file: string, { encoding, ...options }: TableOptions): Listing {
  const text = readTableText(file, encoding);
  const { rows, separator, empty } = readRows(file, text, (cells) => isHead(cells, options));
  const usual = /\.tsv$/i.test(file) ? '\t' : ',';
  const notes = [
    ...(separator === usual ? [] : [`columns are separated by ${separatorName(separator)}`]),
    ...(empty > 0 ? [`${empty} empty rows were skipped`] : []),
  ];
  const first = rows[0];
  if (first === undefined) throw noRows(file);
  const find = fileFinder(dirname(file));
  const headed = isHead(first.cells, options);
  if (!headed && find(first.cells[0]!).path === null) throw noPathColumn(first.cells, file);
  const columns = headed ? columnsOf(first.cells, options, file) : headless(first);
  const body = headed ? rows.slice(1) : rows;
  if (body.length === 0) throw noRows(file);
  const entries = body.map((row) => entryOf(row, columns, headed ? first.cells.length : 3, file));
  requireOneLabel(entries, file);
  const { meaning, notes: partNotes } = partsOf(entries, columns, file);
  const found = locate(entries, file, find);
  const { images, merged } = onePerImage(found.entries, meaning, file);
  const { classes, indexOf } = classesOf(images.map(({ label }) => label));
  const left = images.filter(({ word }) => meaning.get(word) !== null);
  const listed = (part: Part): Listed[] =>
    left.filter(({ word }) => meaning.get(word) === part).map(({ path, label }) => ({ path, label: indexOf(label) }));
  return {
    ...{ name: basename(file), classes, train: listed('train'), val: listed('val'), test: listed('test') },
    notes: [
      ...notes,
      ...columns.notes,
      ...partNotes,
      ...found.notes,
      ...(merged > 0
        ? [`${merged} rows say what a row before them says of the same image; they were counted once`]
        : []),
    ],
  };
}

const headless = ({ cells }: Row): Columns => ({
  ...{ path: 0, label: cells.length > 1 ? 1 : -1, split: cells.length > 2 ? 2 : -1 },
  ...{ yesNo: false, notes: ['the first line names no columns, so they are path, label, split'] },
});

function entryOf({ line, cells }: Row, { path, label, split }: Columns, width: number, file: string): Entry {
  const extra = cells.slice(width).filter((cell) => cell !== '');
  if (extra.length > 0) {
    throw invalid(
      `${file}:${line}`,
      `this row has more cells than there are columns: ${extra.slice(0, 3).join(', ')}`,
      ['put a cell that holds the separator in quotes'],
    );
  }
  const entry = {
    line,
    path: cells[path] ?? '',
    label: (cells[label] ?? '').normalize('NFC'),
    word: cells[split] ?? '',
  };
  if (entry.path === '') throw invalid(`${file}:${line}`, 'this row names no image', ['give it a path, or remove it']);
  if (/[\r\n\0]/.test(entry.path + entry.label)) {
    throw invalid(`${file}:${line}`, 'a cell of this row runs over several lines', [
      'look for a quote without its partner',
    ]);
  }
  return entry;
}

function partsOf(entries: readonly Entry[], { split, yesNo }: Columns, file: string) {
  const trained = { meaning: new Map<string, Part | null>([['', 'train']]), notes: [] as string[] };
  if (split < 0) return trained;
  if (yesNo) for (const entry of entries) entry.word = yesNoPart(entry, file);
  const counts = new Map<string, { images: number; line: number }>();
  for (const { word, line } of entries) {
    const known = counts.get(word);
    counts.set(word, { images: (known?.images ?? 0) + 1, line: known?.line ?? line });
  }
  for (const [word, { line }] of counts) {
    if (partOf(word) !== null) continue;
    const numbers = [...counts.keys()].every((one) => /^\d+$/.test(one));
    throw invalid(
      `${file}:${line}`,
      numbers
        ? 'the splits are numbered, as folds are, and none of them says that it is the test split'
        : word === ''
          ? 'this row names no split, though there is a column for it'
          : `"${word}" names no split`,
      [
        `splits are called ${PART_WORDS.join(', ')}`,
        '--split-column NAME  takes another column, none uses no column for it',
      ],
    );
  }
  return meaningOfParts([...counts.keys()], (word) => counts.get(word)!.images);
}

function yesNoPart({ word, line }: Entry, file: string): string {
  if (/^(true|1|yes|y|t|1\.0)$/i.test(word)) return 'valid';
  if (/^(false|0|no|n|f|0\.0)$/i.test(word)) return 'train';
  throw invalid(`${file}:${line}`, `"${word}" says neither yes nor no`, ['write True or False', '--split-column none']);
}

function locate(entries: readonly Entry[], file: string, find: ReturnType<typeof fileFinder>) {
  const ways = new Map<string, number>();
  const missing: Entry[] = [];
  const located = entries.map((entry) => {
    const { path, way } = find(entry.path);
    if (path === null) missing.push(entry);
    else if (way !== null) ways.set(way, (ways.get(way) ?? 0) + 1);
    return { ...entry, path: path ?? entry.path };
  });
  if (missing.length > 0) {
    throw new TwoviewError('DATA_NOT_FOUND', {
      what: `${missing.length} of ${entries.length} rows name files that do not exist`,
      where: [
        ...missing.slice(0, SHOWN).map(({ line, path }) => `${file}:${line}  ${path}`),
        ...(missing.length > SHOWN ? [`and ${missing.length - SHOWN} more`] : []),
      ].join('\n         '),
      next: ['paths are relative to the folder of the table'],
    });
  }
  return { entries: located, notes: [...ways].map(([way, count]) => `${count} paths were found ${way}`) };
}

/** Equal rows become one; rows that say different things of one image are refused. */
function onePerImage(entries: readonly Entry[], meaning: ReadonlyMap<string, Part | null>, file: string) {
  const byPath = new Map<string, Entry>();
  let merged = 0;
  for (const entry of entries) {
    const before = byPath.get(entry.path);
    if (before === undefined) {
      byPath.set(entry.path, entry);
      continue;
    }
    merged++;
    const labels = before.label !== entry.label;
    if (!labels && meaning.get(before.word) === meaning.get(entry.word)) continue;
    const said = ({ label, word }: Entry) => (labels ? `label ${label || 'left open'}` : `split ${word}`);
    throw new TwoviewError('DATA_CONFLICT', {
      what: `two rows contradict each other about one image: ${said(before)}, and ${said(entry)}`,
      where: `${file}:${before.line} and ${entry.line}  ${entry.path}`,
      next: [
        'leave one row per image',
        'of several annotators, decide before: by majority, or by leaving the label empty',
      ],
    });
  }
  return { images: [...byPath.values()], merged };
}

const noRows = (file: string): TwoviewError =>
  new TwoviewError('DATA_EMPTY', {
    what: 'this table has no rows',
    where: file,
    next: ['give it one line an image: path,label'],
  });
