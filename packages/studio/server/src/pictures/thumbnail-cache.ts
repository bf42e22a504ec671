/** @file Thumbnails on the disk, in one file that may be deleted: 50,000 small files would be slow to make and to copy. */
import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';

/** How long new thumbnails wait to be written together. */
const GATHER_MS = 300;

export class ThumbnailCache {
  readonly #db: Database.Database;
  readonly #read: Database.Statement<[image: number, size: number], Buffer>;
  readonly #waiting = new Map<string, { image: number; size: number; bytes: Buffer }>();
  #timer: NodeJS.Timeout | null = null;

  constructor(readonly file: string) {
    this.#db = openOrMakeAgain(file);
    this.#read = this.#db
      .prepare<[number, number], Buffer>('SELECT bytes FROM thumbnail WHERE image = ? AND size = ?')
      .pluck();
  }

  get(image: number, size: number): Buffer | null {
    const waiting = this.#waiting.get(`${image} ${size}`);
    if (waiting !== undefined) return waiting.bytes;
    return this.#read.get(image, size) ?? null;
  }

  put(image: number, size: number, bytes: Buffer): void {
    this.#waiting.set(`${image} ${size}`, { image, size, bytes });
    this.#timer ??= setTimeout(() => this.#write(), GATHER_MS);
  }

  /** What was drawn of files that are others now. */
  clear(): void {
    this.#waiting.clear();
    this.#db.exec('DELETE FROM thumbnail');
  }

  close(): void {
    this.#write();
    this.#db.close();
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const insert = this.#db.prepare('INSERT OR REPLACE INTO thumbnail VALUES (@image, @size, @bytes)');
    this.#db.transaction(() => {
      for (const row of this.#waiting.values()) insert.run(row);
    })();
    this.#waiting.clear();
  }
}

function openOrMakeAgain(file: string): Database.Database {
  const open = () => {
    const db = new Database(file);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = OFF'); // what a power cut damages is made again
    db.exec(
      'CREATE TABLE IF NOT EXISTS thumbnail (image INTEGER, size INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (image, size))',
    );
    return db;
  };
  try {
    return open();
  } catch {
    for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
    return open();
  }
}
