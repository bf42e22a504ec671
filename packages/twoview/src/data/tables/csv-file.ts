/** @file Tables as spreadsheets and Python read them: RFC 4180, written whole. */
import { atomicWrite, writeAll } from '@twoview/torch';
import { stringify } from 'csv-stringify/sync';

type Row = (string | number | null)[];

/** @param rows the first one is the head */
export const csv = (rows: Row[]): string => stringify(rows);

/** @param rows the first one is the head */
export function writeCsv(path: string, rows: Row[]): void {
  atomicWrite(path, (file) => writeAll(file, Buffer.from(csv(rows))));
}
