/**
 * @file The one file that holds what people did: labels with their history, classes, the exam, and the list of images that their
 * numbers stand for. `synchronous = FULL`: a transaction that returned is on the disk, whatever happens next.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

export type Db = Database.Database;

const VERSION = 1;

const TABLES = `
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
-- An image's id is its place in the list, for good.
CREATE TABLE image (
  id INTEGER PRIMARY KEY, path TEXT, real TEXT, part INTEGER NOT NULL, ignored TEXT
);
CREATE TABLE class (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, key TEXT UNIQUE);
-- One row for what a person did at once; undoing it is a change of its own, whose id then stands in "undone".
CREATE TABLE change (
  id INTEGER PRIMARY KEY AUTOINCREMENT, by TEXT NOT NULL, origin TEXT NOT NULL, at TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE change_item (
  change INTEGER NOT NULL REFERENCES change, image INTEGER NOT NULL REFERENCES image,
  before INTEGER REFERENCES class, after INTEGER REFERENCES class, PRIMARY KEY (change, image)
) WITHOUT ROWID;
CREATE INDEX change_item_by_image ON change_item (image, change);
CREATE TABLE label (
  image INTEGER PRIMARY KEY REFERENCES image, class INTEGER NOT NULL REFERENCES class, change INTEGER NOT NULL REFERENCES change
);
CREATE TABLE exam (id INTEGER PRIMARY KEY CHECK (id = 1), drawn_at TEXT NOT NULL, origin TEXT NOT NULL);
CREATE TABLE exam_image (
  image INTEGER PRIMARY KEY REFERENCES image, place INTEGER NOT NULL UNIQUE, class INTEGER REFERENCES class, by TEXT, at TEXT
);
`;

/** @throws ProjectError where another studio works on it, or it is of a newer version */
export function openDatabase(folder: string): Db {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'labels.sqlite');
  const db = new Database(file, { timeout: 1000 });
  try {
    // A lock of the operating system: two servers would each think they know all labels, and one that is killed lets go of it.
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    const version = db.pragma('user_version', { simple: true }) as number;
    if (version > VERSION) throw new ProjectError(`this project was made by a newer version of the studio`, file);
    if (version === 0) {
      db.transaction(() => {
        db.exec(TABLES);
        db.pragma(`user_version = ${VERSION}`);
      }).exclusive();
    }
    db.exec('BEGIN IMMEDIATE; COMMIT'); // takes the lock now, and not with the first label
    return db;
  } catch (error) {
    db.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY'))
      throw new ProjectError('another studio works on this project', folder);
    if (error instanceof Database.SqliteError)
      throw new ProjectError(`its labels cannot be read (${error.code}): ${error.message}`, file);
    throw error;
  }
}

/** A project that cannot be worked on; the command turns it into an error with a code. */
export class ProjectError extends Error {
  override readonly name = 'ProjectError';
  constructor(
    what: string,
    readonly where: string,
  ) {
    super(what);
  }
}
