/** @file Tables as spreadsheets and Python read them: RFC 4180. */
import { atomicWrite, writeAll } from '@twoview/torch';

type Field = string | number;

/** A field with a comma, a quote or a line break stands in quotes, and one with space at its ends, which readers cut off. */
const quoted = (field: Field): string =>
  /[",\r\n]|^\s|\s$/.test(`${field}`) ? `"${`${field}`.replaceAll('"', '""')}"` : `${field}`;

/** @param rows the first one is the head */
export function writeCsv(path: string, rows: readonly (readonly Field[])[]): void {
  const text = rows.map((row) => `${row.map(quoted).join(',')}\n`).join('');
  atomicWrite(path, (file) => writeAll(file, Buffer.from(text)));
}
