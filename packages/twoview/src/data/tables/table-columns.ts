/** @file Which column of a table holds what, by the names that other tools write, or by those that the user gives. */
import { invalid } from './table-text.js';

export interface ColumnOptions {
  /** `auto`, or the name of a column; `none` for a label or part column that must not be used. */
  pathColumn: string;
  labelColumn: string;
  splitColumn: string;
}

export interface Columns {
  path: number;
  /** -1 where there is none. */
  label: number;
  split: number;
  /** The split column says yes or no: which images are for validation. */
  yesNo: boolean;
  notes: string[];
}

/** In the order in which they are preferred where a table has several. */
const PATH = ['path', 'filepath', 'filename', 'file', 'imagepath', 'image', 'imagename', 'imageid', 'img', 'id'];
const LABEL = ['label', 'class', 'category', 'target', 'labels', 'classname', 'labelname', 'categoryname', 'predicted']; // the last one: our own predictions of images without labels
const YES_NO = ['isvalid', 'isval', 'istest'];
const SPLIT = ['split', 'subset', 'set', 'part', 'partition', 'datasplit', ...YES_NO, 'fold'];

const plain = (name: string): string => name.toLowerCase().replace(/[\s_.-]/g, '');

/** Whether a first row names columns. */
export const isHead = (cells: readonly string[], { pathColumn }: ColumnOptions): boolean =>
  cells.some((cell) => (pathColumn === 'auto' ? PATH.includes(plain(cell)) : cell === pathColumn));

/** @throws TwoviewError TABLE_INVALID where two columns could be meant, or a named one is not there */
export function columnsOf(
  head: readonly string[],
  { pathColumn, labelColumn, splitColumn }: ColumnOptions,
  file: string,
): Columns {
  const path = find(head, PATH, pathColumn, '--path-column', file);
  const label = find(head, LABEL, labelColumn, '--label-column', file);
  const split = find(head, SPLIT, splitColumn, '--split-column', file);
  const splits = head.filter((name, i) => SPLIT.includes(plain(name)) && i !== path && i !== label);
  if (splitColumn === 'auto' && splits.length > 1) {
    throw invalid(`${file}:1`, `several columns could name the split: ${splits.join(', ')}`, [
      `--split-column ${splits[0]}`,
      '--split-column none  uses no column for it',
    ]);
  }
  const used = new Set([path, label, split]);
  const ignored = head.filter((_, i) => !used.has(i)).map((name) => name || 'without a name');
  const notes = ignored.length > 0 ? [`columns that are not used: ${ignored.join(', ')}`] : [];
  if (label < 0 && ignored.length > 0 && labelColumn === 'auto') {
    notes.push(
      `no column is called ${LABEL.slice(0, 4).join(', ')}, so there are no labels; --label-column NAME names it`,
    );
  }
  return { path, label, split, yesNo: split >= 0 && YES_NO.includes(plain(head[split]!)), notes };
}

function find(head: readonly string[], known: readonly string[], asked: string, flag: string, file: string): number {
  if (asked === 'none') return -1;
  const places = (matches: (name: string) => boolean) => head.flatMap((name, i) => (matches(name) ? [i] : []));
  const wanted = asked === 'auto' ? known.find((name) => head.some((cell) => plain(cell) === name)) : asked;
  if (wanted === undefined) return -1;
  const found = places((name) => (asked === 'auto' ? plain(name) === wanted : name === wanted));
  if (found.length === 1) return found[0]!;
  throw invalid(
    `${file}:1`,
    found.length === 0
      ? `no column is called ${wanted}; the columns are ${head.join(', ')}`
      : `several columns are called ${wanted}`,
    [`${flag} NAME  names another column`, 'names are written as in the first line'],
  );
}

/** What to say of a first row that names no column and no file. */
export function noPathColumn(head: readonly string[], file: string) {
  return invalid(`${file}:1`, `no column of this table holds paths; the first line is: ${head.join(', ')}`, [
    `call the column path, file, filename, file_name, filepath, image, image_id or id`,
    '--path-column NAME  names it',
    'a table without such a first line begins with the path of an image that is there',
  ]);
}
