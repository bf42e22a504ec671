/**
 * @file Labels on their way to the disk. A label is shown at once, sent in order, and becomes durable when the server answers;
 * one that is refused goes back to what it was, and is said aloud.
 *
 * One request at a time: the order on the disk is the order of the keys, and undo takes back what was pressed last.
 */
import type { LabelAnswer, LabelItem, LabelRequest } from '../api/types.js';

export interface LabelQueueHooks {
  send: (request: LabelRequest) => Promise<LabelAnswer>;
  labelOf: (image: number) => number;
  /** Shows labels; class null removes one. */
  show: (items: LabelItem[]) => void;
  durable: (request: LabelRequest, answer: LabelAnswer) => void;
  refused: (request: LabelRequest, error: unknown) => void;
  pending: (images: number) => void;
}

interface Waiting {
  request: LabelRequest;
  before: LabelItem[];
}

export class LabelQueue {
  readonly #hooks: LabelQueueHooks;
  readonly #waiting: Waiting[] = [];
  #last: Promise<void> = Promise.resolve();

  constructor(hooks: LabelQueueHooks) {
    this.#hooks = hooks;
  }

  /** Shows the labels before it returns. @returns when the server has answered, whichever way */
  put(request: LabelRequest): Promise<void> {
    const before = request.items.map(({ image }) => ({ image, class: orNull(this.#hooks.labelOf(image)) }));
    this.#hooks.show(request.items);
    this.#waiting.push({ request, before });
    this.#count();
    return this.after(() => this.#send());
  }

  /** Runs `task` when all that was put before is answered: undo and redo. */
  after<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(task);
    this.#last = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  /** Labels that are shown and not yet durable, the last one of each image. */
  shownAhead(): LabelItem[] {
    const last = new Map(this.#waiting.flatMap(({ request }) => request.items).map((item) => [item.image, item]));
    return [...last.values()];
  }

  async #send(): Promise<void> {
    const { request, before } = this.#waiting[0]!;
    try {
      const answer = await this.#hooks.send(request);
      this.#waiting.shift();
      this.#hooks.durable(request, answer);
    } catch (error) {
      this.#waiting.shift();
      // An image that was labelled again since shows its newer label, which is still on its way.
      const ahead = new Set(this.shownAhead().map(({ image }) => image));
      this.#hooks.show(before.filter(({ image }) => !ahead.has(image)));
      this.#hooks.refused(request, error);
    }
    this.#count();
  }

  #count(): void {
    this.#hooks.pending(this.shownAhead().length);
  }
}

const orNull = (label: number): number | null => (label < 0 ? null : label);
