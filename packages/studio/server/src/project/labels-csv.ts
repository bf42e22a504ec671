/** @file Labels as a table that `twoview finetune` reads, and back. Images of the exam are its test part. */
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { ImportAnswer, LabelItem } from '../api.js';
import { Refusal } from '../refusal.js';
import type { Project } from './project.js';

interface Row {
  image: number;
  class: number;
  by: string;
  at: string;
}

/** By image; without the images that have no label. */
export function labelsToCsv({ db, images, classes }: Project): string {
  const labels = db
    .prepare('SELECT image, class, by, at FROM label JOIN change ON change.id = label.change ORDER BY image')
    .all() as Row[];
  const answers = db.prepare('SELECT image, class, by, at FROM exam_image WHERE class IS NOT NULL').all() as Row[];
  const exam = new Set(answers.map(({ image }) => image));
  const names = classes.all.map(({ name }) => name);
  const files = images.every(({ path }) => path !== null);
  const rows = [...labels, ...answers]
    .sort((a, b) => a.image - b.image)
    .map((row) => {
      const { path, part } = images[row.image]!;
      return [files ? path : row.image, names[row.class], exam.has(row.image) ? 'test' : part, row.by, row.at];
    });
  return stringify([[files ? 'path' : 'index', 'label', 'part', 'by', 'at'], ...rows]);
}

export interface Imported extends Pick<ImportAnswer, 'left' | 'added'> {
  items: LabelItem[];
}

/** Reads a table; nothing is written but new classes. @throws Refusal BAD_REQUEST for what is no such table */
export function labelsFromCsv(csv: string, { images, classes, table }: Project): Imported {
  const [head, ...rows] = read(csv);
  const column = (name: string) => head?.cells.findIndex((cell) => cell.trim().toLowerCase() === name) ?? -1;
  const [path, index, label] = [column('path'), column('index'), column('label')];
  if (label < 0 || (path < 0 && index < 0)) {
    throw new Refusal(
      'BAD_REQUEST',
      'the first line must name the columns path (or index) and label',
      'export once, and fill in that table',
    );
  }
  const byPath = new Map(images.map((image) => [image.path, image.id]));
  const left: ImportAnswer['left'] = [];
  const named = new Map<number, { name: string; line: number }>();
  for (const { cells, line } of rows) {
    const skip = (reason: string) => left.push({ line, reason });
    const name = cells[label]?.trim() ?? '';
    const image = path >= 0 ? byPath.get(cells[path] ?? '') : numberIn(cells[index] ?? '', images.length);
    if (image === undefined) skip(`there is no image ${cells[path >= 0 ? path : index]}`);
    else if (name === '') skip('it has no label');
    else if (table.has(image, 'exam')) skip('it is in the exam');
    else if (named.has(image) && named.get(image)!.name !== name)
      skip(`line ${named.get(image)!.line} says another label`);
    else named.set(image, { name, line });
  }
  const names = [...new Set([...named.values()].map(({ name }) => name))];
  const added = names.filter((name) => classes.idOf(name) === null);
  const ids = classes.ensure(names);
  const idOf = new Map(names.map((name, i) => [name, ids[i]!]));
  return { items: [...named].map(([image, { name }]) => ({ image, class: idOf.get(name)! })), left, added };
}

function read(csv: string): { cells: string[]; line: number }[] {
  try {
    const rows = parse(csv, { bom: true, info: true, skip_empty_lines: true, relax_column_count: true }) as unknown as {
      record: string[];
      info: { lines: number };
    }[];
    return rows.map(({ record, info }) => ({ cells: record, line: info.lines }));
  } catch (error) {
    throw new Refusal('BAD_REQUEST', `this is no CSV: ${(error as Error).message}`);
  }
}

function numberIn(text: string, count: number): number | undefined {
  return /^\d+$/.test(text) && Number(text) < count ? Number(text) : undefined;
}
