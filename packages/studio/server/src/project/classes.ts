/** @file The classes of a project. One is never removed, since its id stands in the history of labels. */
import type { ClassInfo, ClassRequest } from '../api.js';
import { Refusal } from '../refusal.js';
import type { Db } from './database.js';

const KEYS = '123456789';
/** What the page itself uses. */
const TAKEN = new Set(['u', 'z', 's', 'x', '?', '/']);
const LONGEST = 200;

export type Class = Omit<ClassInfo, 'count'>;

export class Classes {
  readonly #db: Db;
  #all: Class[];

  constructor(db: Db) {
    this.#db = db;
    this.#all = this.#read();
  }

  get all(): readonly Class[] {
    return this.#all;
  }

  has(id: number): boolean {
    return this.#all.some((one) => one.id === id);
  }

  idOf(name: string): number | null {
    const wanted = name.normalize('NFC');
    return this.#all.find((one) => one.name === wanted)?.id ?? null;
  }

  /** @throws Refusal BAD_REQUEST for names and keys that are taken or unfit */
  change(request: ClassRequest): void {
    if ('add' in request) {
      const { name, key } = request.add;
      if (this.idOf(fit(name)) !== null) throw new Refusal('BAD_REQUEST', `there is a class ${name} already`);
      this.#requireKey(key ?? null, null);
      this.#insert(fit(name), key === undefined ? this.#nextKey() : key);
    } else if ('rename' in request) {
      const { id, name } = request.rename;
      this.#require(id);
      const other = this.idOf(fit(name));
      if (other !== null && other !== id) throw new Refusal('BAD_REQUEST', `there is a class ${name} already`);
      this.#db.prepare('UPDATE class SET name = ? WHERE id = ?').run(fit(name), id);
    } else {
      const { id, key } = request.key;
      this.#require(id);
      this.#requireKey(key, id);
      this.#db.prepare('UPDATE class SET key = ? WHERE id = ?').run(key, id);
    }
    this.#all = this.#read();
  }

  /** Adds those that are missing, in this order. @returns the ids of all of them */
  ensure(names: readonly string[]): number[] {
    this.#db.transaction(() => {
      for (const name of names) {
        if (this.idOf(fit(name)) !== null) continue;
        this.#insert(fit(name), this.#nextKey());
        this.#all = this.#read();
      }
    })();
    return names.map((name) => this.idOf(fit(name))!);
  }

  #insert(name: string, key: string | null): void {
    this.#db.prepare('INSERT INTO class (id, name, key) VALUES (?, ?, ?)').run(this.#all.length, name, key);
  }

  #read(): Class[] {
    return this.#db.prepare('SELECT id, name, key FROM class ORDER BY id').all() as Class[];
  }

  #nextKey(): string | null {
    return [...KEYS].find((key) => this.#all.every((one) => one.key !== key)) ?? null;
  }

  #require(id: number): void {
    if (!this.has(id)) throw new Refusal('BAD_REQUEST', `there is no class ${id}`);
  }

  #requireKey(key: string | null, id: number | null): void {
    if (key === null) return;
    if (!/^[0-9a-z]$/.test(key) || TAKEN.has(key))
      throw new Refusal('BAD_REQUEST', `a key is a digit or a small letter other than ${[...TAKEN].join(' ')}`);
    const other = this.#all.find((one) => one.key === key && one.id !== id);
    if (other !== undefined) throw new Refusal('BAD_REQUEST', `the key ${key} gives ${other.name}`);
  }
}

/** Names are text in Unicode's composed form, as in folders. */
function fit(name: string): string {
  const one = name.normalize('NFC').trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that a name must not have
  if (one === '' || one.length > LONGEST || /[\u0000-\u001f]/.test(one))
    throw new Refusal('BAD_REQUEST', `a class name has 1 to ${LONGEST} letters on one line`);
  return one;
}
