/** @file Tables as spreadsheets and Python read them: RFC 4180, written whole. */
import { atomicWrite, writeAll } from '@twoview/torch';
import { stringify } from 'csv-stringify/sync';

type Row = (string | number | null)[];

/** Readers cut off space at the ends of a field that does not stand in quotes. */
const WITH_SPACE_AT_ITS_ENDS = /^\s|\s$/;

/** @param rows the first one is the head */
export const csv = (rows: Row[]): string => stringify(rows, { quoted_match: WITH_SPACE_AT_ITS_ENDS });

/** @param rows the first one is the head */
export function writeCsv(path: string, rows: Row[]): void {
  atomicWrite(path, (file) => writeAll(file, Buffer.from(csv(rows))));
}
