/** @file Short messages at the edge of the page, which screen readers speak. */
import { ApiProblem } from '../api/client.js';

export interface Notice {
  id: number;
  kind: 'said' | 'problem';
  text: string;
  next: string;
}

class Notices {
  list = $state.raw<Notice[]>([]);
  #id = 0;

  say(text: string, kind: Notice['kind'] = 'said', next = ''): void {
    // The same problem again takes the place of the first, so that a broken connection does not fill the page.
    const rest = this.list.filter((notice) => notice.text !== text).slice(-3);
    const id = ++this.#id;
    this.list = [...rest, { id, kind, text, next }];
    if (kind === 'said') setTimeout(() => this.drop(id), 4000);
  }

  problem(error: unknown): void {
    if (error instanceof ApiProblem) this.say(error.what, 'problem', error.next);
    else this.say(error instanceof Error ? error.message : String(error), 'problem');
  }

  drop(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}

export const notices = new Notices();
