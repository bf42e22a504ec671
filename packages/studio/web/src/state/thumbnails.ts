/**
 * @file The pictures of a grid: fetched many at a time, since a request for each takes a browser longer than to decode it, and kept while
 * they are likely to be seen again. What scrolled away before it came is not waited for.
 */
import { thumbnails as fetched } from '../api/client.js';

/** Pictures of one request. */
const TOGETHER = 48;
/** A browser opens six connections to a server, and what is asked by keys must not wait behind pictures. */
const REQUESTS = 3;
/** Some kilobytes each. */
const KEPT = 5000;
/** Milliseconds between two frames with new pictures: each takes a browser without a graphics card as long as to draw one. */
const GATHER = 120;

type Size = 128 | 256;
type Paint = (address: string) => void;

interface Asked {
  id: number;
  size: Size;
  painters: Set<Paint>;
}

export class Thumbnails {
  /** Addresses of pictures in memory, by size and number, the one seen last at the end. */
  readonly #known = new Map<string, string>();
  readonly #asked = new Map<string, Asked>();
  /** Keys of what no request has asked for yet, those of one turn together: a page of cells from its top. */
  #waiting: string[][] = [];
  /** Those of this turn, the last of the waiting. */
  #turn: string[] | null = null;
  #requests = 0;
  #planned = false;
  /** What came and is painted in the next frame. */
  #came: (() => void)[] = [];
  #paintedAt = Number.NEGATIVE_INFINITY;

  /** @param paint gets an address for `src`, at once where the picture is known @returns to be called when it is not shown any more */
  show(id: number, size: Size, paint: Paint): () => void {
    const key = `${size} ${id}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      this.#known.delete(key);
      this.#known.set(key, known);
      paint(known);
      return () => {};
    }
    const asked = this.#asked.get(key) ?? { id, size, painters: new Set() };
    if (!this.#asked.has(key)) {
      this.#asked.set(key, asked);
      if (this.#turn === null) {
        this.#turn = [];
        this.#waiting.push(this.#turn);
      }
      this.#turn.push(key);
      this.#plan();
    }
    asked.painters.add(paint);
    return () => void asked.painters.delete(paint);
  }

  /** After all cells of this turn have asked. */
  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    setTimeout(() => {
      this.#planned = false;
      this.#turn = null;
      while (this.#requests < REQUESTS && this.#waiting.length > 0) void this.#request(this.#next());
    });
  }

  /** The first of what was asked for last, which is on the screen; forgets what nobody wants any more. */
  #next(): string[] {
    const asked = this.#waiting.pop()!;
    const wanted = asked.filter(this.#isWanted);
    for (const key of asked) if (!this.#isWanted(key)) this.#asked.delete(key);
    const size = this.#asked.get(wanted[0] ?? '')?.size;
    const keys = wanted.filter((key) => this.#asked.get(key)!.size === size).slice(0, TOGETHER);
    const rest = wanted.filter((key) => !keys.includes(key));
    if (rest.length > 0) this.#waiting.push(rest);
    return keys;
  }

  async #request(keys: string[]): Promise<void> {
    const size = this.#asked.get(keys[0] ?? '')?.size;
    if (size === undefined) return;
    this.#requests++;
    const stop = new AbortController();
    try {
      const ids = keys.map((key) => this.#asked.get(key)!.id);
      for await (const { id, bytes } of fetched(ids, size, stop.signal)) {
        if (bytes.length > 0) this.#keep(`${size} ${id}`, bytes);
        const left = keys.filter((one) => this.#asked.has(one));
        if (left.length > 0 && !left.some(this.#isWanted)) stop.abort();
      }
    } catch {
      // The server is gone, which the page says elsewhere, or nobody waits for these any more.
    }
    for (const key of keys) this.#asked.delete(key);
    this.#requests--;
    this.#plan();
  }

  #isWanted = (key: string): boolean => (this.#asked.get(key)?.painters.size ?? 0) > 0;

  #keep(key: string, bytes: Uint8Array<ArrayBuffer>): void {
    const address = URL.createObjectURL(new Blob([bytes], { type: 'image/webp' }));
    this.#known.set(key, address);
    const { painters } = this.#asked.get(key) ?? { painters: [] };
    this.#asked.delete(key);
    if (this.#came.length === 0) {
      const wait = this.#paintedAt + GATHER - performance.now();
      setTimeout(() => this.#paint(), Math.max(0, wait));
    }
    this.#came.push(() => {
      for (const paint of painters) paint(address);
    });
    for (const [oldest, old] of this.#known) {
      if (this.#known.size <= KEPT) break;
      this.#known.delete(oldest);
      URL.revokeObjectURL(old); // what shows it has it already
    }
  }

  #paint(): void {
    this.#paintedAt = performance.now();
    for (const one of this.#came.splice(0)) one();
  }
}

export const thumbnails = new Thumbnails();
