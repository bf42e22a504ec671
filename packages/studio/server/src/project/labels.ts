/**
 * @file Labels with their history. What a person did at once is one change: durable together, undone together. A label that somebody
 * else has changed meanwhile is not undone.
 */
import type { LabelItem, LabelRecord } from '../api.js';
import { Refusal } from '../refusal.js';
import type { Classes } from './classes.js';
import type { Db } from './database.js';
import type { ImageTable } from './image-table.js';

export type Origin = LabelRecord['from'];

interface Item {
  image: number;
  before: number | null;
  after: number | null;
}

/** Changes that undo and redo speak of. */
const DONE = "origin NOT IN ('undo', 'redo', 'exam', 'source')";

export class Labels {
  readonly #db: Db;
  readonly #table: ImageTable;
  readonly #classes: Classes;

  constructor(db: Db, table: ImageTable, classes: Classes) {
    this.#db = db;
    this.#table = table;
    this.#classes = classes;
    const rows = db.prepare('SELECT image, class FROM label').all() as { image: number; class: number }[];
    for (const row of rows) table.setLabel(row.image, row.class);
  }

  /** @returns the images that changed; they are on the disk @throws Refusal BAD_REQUEST, EXAM_IMAGE */
  apply(items: readonly LabelItem[], by: string, origin: Origin): number[] {
    const seen = new Set<number>();
    for (const { image, class: given } of items) {
      this.#require(image, given);
      if (seen.has(image)) throw new Refusal('BAD_REQUEST', `image ${image} stands twice among the items`);
      seen.add(image);
    }
    const changes = items
      .map(({ image, class: after }) => ({ image, before: this.#of(image), after }))
      .filter(({ before, after }) => before !== after);
    this.#write(changes, by, origin);
    return changes.map(({ image }) => image);
  }

  /** @returns the images that changed; empty where there is nothing to undo */
  undo(by: string): number[] {
    const id = this.#undoable(by);
    if (id === null) return [];
    const changes = this.#itemsOf(id).flatMap(({ image, before, after }) =>
      this.#of(image) === after && !this.#table.has(image, 'exam') ? [{ image, before: after, after: before }] : [],
    );
    this.#write(changes, by, 'undo', (change) => this.#mark(id, change));
    return changes.map(({ image }) => image);
  }

  redo(by: string): number[] {
    const id = this.#redoable(by);
    if (id === null) return [];
    const changes = this.#itemsOf(id).filter(
      ({ image, before }) => this.#of(image) === before && !this.#table.has(image, 'exam'),
    );
    this.#write(changes, by, 'redo', () => this.#mark(id, 0));
    return changes.map(({ image }) => image);
  }

  /** All labels, those that were given first first. */
  inOrder(): { image: number; class: number }[] {
    return this.#db.prepare('SELECT image, class FROM label ORDER BY change, image').all() as {
      image: number;
      class: number;
    }[];
  }

  /** Of labels and of answers in the exam; 0 before the first. */
  get lastChange(): number {
    return (this.#db.prepare('SELECT max(id) FROM change').pluck().get() as number | null) ?? 0;
  }

  canUndo = (by: string): boolean => this.#undoable(by) !== null;
  canRedo = (by: string): boolean => this.#redoable(by) !== null;

  /** The oldest first. */
  history(image: number): LabelRecord[] {
    return this.#db
      .prepare(
        `SELECT after AS class, by, origin AS "from", at FROM change_item JOIN change ON change.id = change
         WHERE image = ? ORDER BY change`,
      )
      .all(image) as LabelRecord[];
  }

  /** Who labelled, the last one first. */
  people(): string[] {
    return this.#db
      .prepare("SELECT by FROM change WHERE origin != 'source' GROUP BY by ORDER BY max(id) DESC")
      .pluck()
      .all() as string[];
  }

  #of(image: number): number | null {
    const label = this.#table.label[image]!;
    return label < 0 ? null : label;
  }

  #require(image: number, given: number | null): void {
    if (image < 0 || image >= this.#table.count) throw new Refusal('BAD_REQUEST', `there is no image ${image}`);
    if (given !== null && !this.#classes.has(given)) throw new Refusal('BAD_REQUEST', `there is no class ${given}`);
    if (this.#table.has(image, 'exam'))
      throw new Refusal(
        'EXAM_IMAGE',
        `image ${image} is in the exam, and is labelled there alone`,
        'answer it in the exam',
      );
  }

  /** The disk first, then the memory, then the answer. */
  #write(items: readonly Item[], by: string, origin: Origin, also: (change: number) => void = () => {}): void {
    this.#db.transaction(() => {
      if (items.length === 0 && origin !== 'undo' && origin !== 'redo') return;
      also(writeChange(this.#db, items, by, origin));
    })();
    for (const { image, after } of items) this.#table.setLabel(image, after ?? -1);
    if (items.length > 0) this.#table.touch(items.map(({ image }) => image));
  }

  #itemsOf(change: number): Item[] {
    return this.#db.prepare('SELECT image, before, after FROM change_item WHERE change = ?').all(change) as Item[];
  }

  #mark(change: number, undone: number): void {
    this.#db.prepare('UPDATE change SET undone = ? WHERE id = ?').run(undone, change);
  }

  #undoable(by: string): number | null {
    return this.#id(`SELECT max(id) FROM change WHERE by = ? AND undone = 0 AND ${DONE}`, by);
  }

  /** The one undone last, unless its person did something new after that. */
  #redoable(by: string): number | null {
    const last = this.#id(`SELECT max(id) FROM change WHERE by = ? AND undone = 0 AND ${DONE}`, by) ?? 0;
    return this.#id(
      `SELECT id FROM change WHERE by = ? AND undone > ${last} AND ${DONE} ORDER BY undone DESC LIMIT 1`,
      by,
    );
  }

  #id(query: string, by: string): number | null {
    return (this.#db.prepare(query).pluck().get(by) as number | null | undefined) ?? null;
  }
}

/** Inside a transaction. Labels follow, but for answers in the exam, which are no labels. @returns the id of the change */
export function writeChange(db: Db, items: readonly Item[], by: string, origin: Origin): number {
  const at = new Date().toISOString();
  const change = Number(
    db.prepare('INSERT INTO change (by, origin, at) VALUES (?, ?, ?)').run(by, origin, at).lastInsertRowid,
  );
  const insert = db.prepare('INSERT INTO change_item VALUES (?, ?, ?, ?)');
  const set = db.prepare('INSERT OR REPLACE INTO label VALUES (?, ?, ?)');
  const clear = db.prepare('DELETE FROM label WHERE image = ?');
  for (const { image, before, after } of items) {
    insert.run(change, image, before, after);
    if (after === null) clear.run(image);
    else if (origin !== 'exam') set.run(image, after, change);
  }
  return change;
}
