/** @file The rows of a table with their line numbers: separators are sniffed, quotes and line breaks may be of any kind. */
import { CsvError, parse } from 'csv-parse/sync';
import { invalid } from './table-text.js';

export interface Row {
  line: number;
  cells: string[];
}

export interface Rows {
  rows: Row[];
  separator: string;
  /** Lines without anything in them. */
  empty: number;
}

const NAMES: Record<string, string> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' };
const SNIFFED_CHARACTERS = 1 << 16;

/** @param isHead whether these cells name columns @throws TwoviewError TABLE_INVALID */
export function readRows(file: string, text: string, isHead: (cells: readonly string[]) => boolean): Rows {
  const declared = /^sep=(.)\r?(\n|\r|$)/i.exec(text); // for Excel
  const body = declared === null ? text : text.slice(declared[0].length);
  const before = declared === null ? 0 : 1;
  const separator = declared?.[1] ?? sniff(body, /\.tsv$/i.test(file), isHead);
  let parsed: { record: string[]; info: { lines: number } }[];
  try {
    parsed = parse(body, { ...options(separator), info: true }) as never;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = before + Number((error as unknown as { lines?: number }).lines ?? 1);
    throw invalid(`${file}:${line}`, `this table is broken here: ${error.message.split(/ at line|, got/)[0]}`, [
      'look for a quote without its partner',
    ]);
  }
  const rows = parsed.map(({ record, info }) => ({ line: before + info.lines, cells: record }));
  const filled = rows.filter(({ cells }) => cells.some((cell) => cell !== ''));
  return { rows: filled, separator, empty: rows.length - filled.length };
}

const options = (delimiter: string) => ({
  delimiter,
  bom: true,
  trim: true,
  relax_quotes: true, // an inch sign inside a cell
  relax_column_count: true,
  skip_empty_lines: true,
  record_delimiter: ['\r\n', '\n', '\r'],
});

/** The separator under which the first row names columns; else the one that cuts the first rows into most columns, all alike. */
function sniff(text: string, tabbed: boolean, isHead: (cells: readonly string[]) => boolean): string {
  const start = text.slice(0, SNIFFED_CHARACTERS);
  const order = tabbed ? ['\t', ',', ';', '|'] : [',', ';', '\t', '|'];
  const tried = order.map((separator) => {
    const rows = firstRows(start, separator);
    const widths = new Set(rows.map((row) => row.length));
    const width = rows[0]?.length ?? 0;
    return { separator, width, head: width > 1 && isHead(rows[0]!), alike: widths.size === 1 && width > 1 };
  });
  const headed = tried.filter(({ head }) => head).sort((a, b) => b.width - a.width)[0];
  const regular = tried.filter(({ alike }) => alike).sort((a, b) => b.width - a.width)[0];
  return (headed ?? regular)?.separator ?? order[0]!;
}

function firstRows(text: string, separator: string): string[][] {
  try {
    return parse(text, { ...options(separator), to: 20 });
  } catch {
    return []; // a start that breaks off within quotes is read again, whole, later
  }
}

export const separatorName = (separator: string): string => NAMES[separator] ?? `"${separator}"`;
