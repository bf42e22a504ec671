/** @file A project folder: labels.sqlite, thumbnails.sqlite, features/, runs/. Everything but the labels can be made again. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { ClassInfo, Part } from '../api.js';
import { readAbout, writeAbout } from './about.js';
import { Classes } from './classes.js';
import { type Db, openDatabase, ProjectError } from './database.js';
import { Exam } from './exam.js';
import { type Found, GONE, ignoreImages, type Listed, readImages, updateImages } from './image-list.js';
import { ImageTable, PARTS } from './image-table.js';
import { Labels } from './labels.js';
import { untilChanged } from './until-changed.js';

export class Project {
  readonly db: Db;
  readonly classes: Classes;
  images: Listed[] = [];
  table!: ImageTable;
  labels!: Labels;
  exam!: Exam;

  /** @param source as it was named; a project is of one @throws ProjectError */
  constructor(
    readonly folder: string,
    source: string,
  ) {
    this.db = openDatabase(folder);
    const known = readAbout(this.db, 'source');
    if (known !== null && known !== source) {
      this.db.close();
      throw new ProjectError(`this project is of other images: ${known}`, folder);
    }
    writeAbout(this.db, 'source', source);
    for (const name of ['features', 'runs']) mkdirSync(join(folder, name), { recursive: true });
    this.classes = new Classes(this.db);
    this.#load();
  }

  /**
   * What a scan found. Labels of the source are taken over for images that are new here.
   *
   * @param labels class names, null where there is none
   * @returns the id of each of `found`
   */
  update(found: readonly Found[], classes: readonly string[], labels: readonly (string | null)[]): number[] {
    const before = this.images.length;
    const ids = updateImages(this.db, this.#remembering(found));
    this.classes.ensure(classes);
    this.#load();
    const fresh = ids.flatMap((image, i) => {
      const name = labels[i] ?? null;
      return image < before || name === null ? [] : [{ image, class: this.classes.idOf(name)! }];
    });
    if (fresh.length > 0) this.labels.apply(fresh, 'source', 'source');
    return ids;
  }

  /** Weights that were chosen in the page: a run of this project, named from its folder, which may be moved. Null where it is gone. */
  get encoder(): string | null {
    const named = readAbout(this.db, 'encoder');
    const weights = named === null ? null : resolve(this.folder, named);
    return weights !== null && existsSync(weights) ? weights : null;
  }

  set encoder(weights: string) {
    writeAbout(this.db, 'encoder', relative(this.folder, weights));
  }

  ignore(ids: readonly number[], reason: string): void {
    writeAbout(this.db, 'ignoredAt', String(Date.now()));
    ignoreImages(this.db, ids, reason);
    for (const id of ids) {
      this.images[id]!.ignored = reason;
      this.table.setFlag(id, 'ignored', true);
    }
    this.table.touch(ids);
  }

  /** Classes with how many images have them now, answers in the exam among them. */
  readonly counted = untilChanged(
    () => this.table,
    () => this.#counted(),
  );
  readonly parts = untilChanged(
    () => this.table,
    () => this.#parts(),
  );

  #counted(): ClassInfo[] {
    const counts = new Map<number, number>();
    const count = (id: number) => counts.set(id, (counts.get(id) ?? 0) + 1);
    for (const label of this.table.label) if (label >= 0) count(label);
    for (const { class: given } of this.exam.answers()) if (given !== null) count(given);
    return this.classes.all.map((one) => ({ ...one, count: counts.get(one.id) ?? 0 }));
  }

  #parts(): Record<Part, { images: number; labelled: number }> {
    const parts = {
      train: { images: 0, labelled: 0 },
      val: { images: 0, labelled: 0 },
      test: { images: 0, labelled: 0 },
    };
    this.table.part.forEach((part, image) => {
      const one = parts[PARTS[part]!];
      one.images++;
      if (this.table.label[image]! >= 0) one.labelled++;
    });
    return parts;
  }

  close(): void {
    this.db.close();
  }

  /** What could not be decoded is not tried again, unless the file is a newer one. */
  #remembering(found: readonly Found[]): Found[] {
    const at = Number(readAbout(this.db, 'ignoredAt') ?? 0);
    const known = new Map(this.images.map((image) => [image.path, image]));
    return found.map((image) => {
      const before = known.get(image.path);
      if (image.real === null || image.ignored !== null || before?.ignored == null || before.ignored === GONE)
        return image;
      return changedAfter(image.real, at) ? image : { ...image, ignored: before.ignored };
    });
  }

  #load(): void {
    this.images = readImages(this.db);
    const revision = Math.max(Date.now(), (this.table?.revision ?? 0) + 1);
    this.table = new ImageTable(
      this.images.map(({ part }) => PARTS.indexOf(part)),
      revision,
    );
    for (const { id, ignored } of this.images) if (ignored !== null) this.table.setFlag(id, 'ignored', true);
    this.exam = new Exam(this.db, this.table, this.classes);
    this.labels = new Labels(this.db, this.table, this.classes);
  }
}

function changedAfter(file: string, time: number): boolean {
  const { mtimeMs, ctimeMs } = statSync(file);
  return Math.max(mtimeMs, ctimeMs) > time;
}
