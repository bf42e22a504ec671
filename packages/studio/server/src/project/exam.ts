/**
 * @file The exam: a random sample that is set aside for good, so that what is measured on it holds for images that nobody chose. It
 * is drawn once; labels that its images had are withdrawn, and its answers are never shown to what learns.
 */
import { randomInt } from 'node:crypto';
import type { ExamNext, ExamState, Part } from '../api.js';
import { Refusal } from '../refusal.js';
import type { Classes } from './classes.js';
import type { Db } from './database.js';
import { type ImageTable, PARTS } from './image-table.js';
import { writeChange } from './labels.js';

const LEAST = 10;

export class Exam {
  readonly #db: Db;
  readonly #table: ImageTable;
  readonly #classes: Classes;

  constructor(db: Db, table: ImageTable, classes: Classes) {
    this.#db = db;
    this.#table = table;
    this.#classes = classes;
    for (const { image } of this.answers()) table.setFlag(image, 'exam', true);
  }

  get state(): ExamState | null {
    const row = this.#db.prepare('SELECT drawn_at, origin FROM exam').get() as
      | { drawn_at: string; origin: Part | 'all' }
      | undefined;
    if (row === undefined) return null;
    const all = this.answers();
    return {
      ...{ size: all.length, answered: all.filter(({ class: given }) => given !== null).length },
      ...{ drawnAt: row.drawn_at, from: row.origin },
    };
  }

  /** In the order in which they were drawn. */
  answers(): { image: number; class: number | null }[] {
    return this.#db.prepare('SELECT image, class FROM exam_image ORDER BY place').all() as {
      image: number;
      class: number | null;
    }[];
  }

  /** Those that have a class. */
  answered(): { image: number; class: number }[] {
    return this.answers().filter((one): one is { image: number; class: number } => one.class !== null);
  }

  /** @throws Refusal EXAM_EXISTS, BAD_REQUEST */
  draw(size: number, by: string): ExamState {
    if (this.state !== null) throw new Refusal('EXAM_EXISTS', 'the exam is drawn once, for good');
    const usable = (image: number) => !this.#table.has(image, 'ignored');
    const all = Array.from({ length: this.#table.count }, (_, image) => image).filter(usable);
    const tested = all.filter((image) => PARTS[this.#table.part[image]!] === 'test');
    const [pool, from]: [number[], Part | 'all'] = tested.length > 0 ? [tested, 'test'] : [all, 'all'];
    const most = from === 'test' ? pool.length : Math.floor(pool.length / 2);
    if (size < LEAST || size > most) {
      throw new Refusal(
        'BAD_REQUEST',
        `an exam has ${LEAST} to ${most} of these ${pool.length} images`,
        'ask for another size',
      );
    }
    const drawn = sample(pool, size);
    this.#db.transaction(() => {
      this.#db.prepare('INSERT INTO exam VALUES (1, ?, ?)').run(new Date().toISOString(), from);
      const insert = this.#db.prepare('INSERT INTO exam_image (image, place) VALUES (?, ?)');
      for (const [place, image] of drawn.entries()) insert.run(image, place);
      const labelled = drawn.filter((image) => this.#table.label[image]! >= 0);
      const withdrawn = labelled.map((image) => ({ image, before: this.#table.label[image]!, after: null }));
      if (withdrawn.length > 0) writeChange(this.#db, withdrawn, by, 'exam');
    })();
    for (const image of drawn) {
      this.#table.setLabel(image, -1);
      this.#table.predicted[image] = -1;
      this.#table.certainty[image] = 0;
      this.#table.setFlag(image, 'exam', true);
    }
    this.#table.touch(drawn);
    return this.state!;
  }

  next(count: number): ExamNext {
    const open = this.#require().filter((one) => one.class === null);
    return { images: open.slice(0, count).map(({ image }) => image), left: open.length };
  }

  /** @throws Refusal EXAM_IMAGE, BAD_REQUEST, NOT_FOUND */
  answer(items: readonly { image: number; class: number }[], by: string): void {
    const before = new Map(this.#require().map((one) => [one.image, one.class]));
    for (const { image, class: given } of items) {
      if (!before.has(image)) throw new Refusal('EXAM_IMAGE', `image ${image} is not in the exam`);
      if (!this.#classes.has(given)) throw new Refusal('BAD_REQUEST', `there is no class ${given}`);
    }
    const at = new Date().toISOString();
    this.#db.transaction(() => {
      const set = this.#db.prepare('UPDATE exam_image SET class = ?, by = ?, at = ? WHERE image = ?');
      for (const { image, class: given } of items) set.run(given, by, at, image);
      const changes = new Map(
        items.map(({ image, class: after }) => [image, { image, before: before.get(image)!, after }]),
      );
      writeChange(this.#db, [...changes.values()], by, 'exam');
    })();
    this.#table.touch([]);
  }

  #require(): { image: number; class: number | null }[] {
    const all = this.answers();
    if (all.length === 0) throw new Refusal('NOT_FOUND', 'there is no exam yet', 'draw one: POST /api/exam');
    return all;
  }
}

/** Without repetition, each subset equally likely: the first steps of a Fisher-Yates shuffle. */
function sample(pool: readonly number[], size: number): number[] {
  const left = [...pool];
  for (let i = 0; i < size; i++) {
    const j = randomInt(i, left.length);
    [left[i], left[j]] = [left[j]!, left[i]!];
  }
  return left.slice(0, size);
}
