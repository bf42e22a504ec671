/** @file Single values of a project, by name. */
import type { Db } from './database.js';

export const readAbout = (db: Db, name: string): string | null =>
  (db.prepare('SELECT value FROM about WHERE name = ?').pluck().get(name) as string | undefined) ?? null;

export function writeAbout(db: Db, name: string, value: string): void {
  db.prepare('INSERT INTO about VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value').run(
    name,
    value,
  );
}
