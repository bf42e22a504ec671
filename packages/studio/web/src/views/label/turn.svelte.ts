/**
 * @file Images that are labelled one after the other: which one is its turn, which were skipped, and what is loaded next.
 * The next images are asked for before the last one is labelled, so that nobody waits.
 */
import { images } from '../../state/images.svelte.js';
import { notices } from '../../state/notices.svelte.js';

type Load = () => Promise<{ images: number[]; method?: string; why?: string }>;

export class Turn {
  list = $state.raw<number[]>([]);
  at = $state(0);
  /** Said by the server of this list. */
  method = $state('');
  why = $state('');
  problem = $state('');
  over = $state(false);
  #skipped = new Set<number>();
  #loading = false;

  readonly #load: Load;
  readonly #done: (id: number) => boolean;

  /** @param done whether an image has its answer */
  constructor(load: Load, done: (id: number) => boolean = (id) => images.label[id]! >= 0) {
    this.#load = load;
    this.#done = done;
  }

  get current(): number {
    return this.list[this.at] ?? -1;
  }

  async load(): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    try {
      const answer = await this.#load();
      const open = answer.images.filter((id) => !this.#skipped.has(id) && !this.#done(id));
      this.method = answer.method ?? '';
      this.why = answer.why ?? '';
      this.problem = '';
      this.list = open;
      this.at = 0;
      this.over = open.length === 0;
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
      if (this.list.length > 0) notices.problem(error);
    }
    this.#loading = false;
  }

  /** To the next image without an answer; loads more behind the last one. */
  next(): void {
    const rest = this.list.findIndex((id, i) => i > this.at && !this.#done(id) && !this.#skipped.has(id));
    if (rest >= 0) this.at = rest;
    else void this.load();
  }

  skip(): void {
    if (this.current >= 0) this.#skipped.add(this.current);
    this.next();
  }

  go(at: number): void {
    if (at >= 0 && at < this.list.length) this.at = at;
  }

  /** Back to an image whose label was taken back; it comes in front where the list went on without it. */
  backTo(id: number): void {
    this.#skipped.delete(id);
    const at = this.list.indexOf(id);
    if (at >= 0) this.at = at;
    else {
      this.list = [id, ...this.list];
      this.at = 0;
    }
  }
}
