/** @file Giving labels: shown at once, sent in order, durable when the server has answered. */
import { ApiProblem, api } from '../api/client.js';
import { FLAGS, type LabelSource, type UndoAnswer } from '../api/types.js';
import { counted } from '../logic/format.js';
import { LabelQueue } from '../logic/label-queue.js';
import { images } from './images.svelte.js';
import { notices } from './notices.svelte.js';
import { settings } from './settings.svelte.js';
import { studio } from './studio.svelte.js';

/** Where nobody gave a name. */
const NOBODY = 'me';
/** Of one request; more are sent as several. */
const MOST = 5000;

class Labelling {
  /** Images whose labels are shown and not yet durable. */
  pending = $state(0);
  /** Labels that became durable since the page was opened. */
  saved = $state(0);

  readonly #queue = new LabelQueue({
    send: (request) => api.label(request),
    labelOf: (image) => images.label[image] ?? -1,
    show: (items) => images.show(items),
    durable: (request, answer) => {
      this.saved += request.items.length;
      // Where others have labelled in between, the event that follows brings theirs.
      if (answer.revision === images.revision + 1) images.revision = answer.revision;
      studio.took(answer);
    },
    refused: (request, error) => {
      const text = `${counted(request.items.length, 'label')} not saved.`;
      if (error instanceof ApiProblem) notices.say(`${text} ${error.what}`, 'problem', error.next);
      else notices.problem(error);
    },
    pending: (count) => {
      this.pending = count;
    },
  });

  constructor() {
    studio.ahead = () => this.#queue.shownAhead();
  }

  get by(): string {
    return settings.by || NOBODY;
  }

  /** Images of the exam are left out, and said: their labels are asked for blind. */
  give(ids: Iterable<number>, label: number | null, from: LabelSource): void {
    const all = [...ids];
    const open = all.filter((id) => (images.flags[id]! & FLAGS.exam) === 0);
    if (open.length < all.length) {
      notices.say(
        `${counted(all.length - open.length, 'image')} of the exam left out: label them in "How good is it?".`,
      );
    }
    for (let i = 0; i < open.length; i += MOST) {
      const items = open.slice(i, i + MOST).map((image) => ({ image, class: label }));
      void this.#queue.put({ items, by: this.by, from });
    }
  }

  /** Different labels in one step. */
  giveEach(items: { image: number; class: number | null }[], from: LabelSource): void {
    if (items.length > 0) void this.#queue.put({ items, by: this.by, from });
  }

  /** @returns when every label given so far is answered */
  settled(): Promise<void> {
    return this.#queue.after(async () => {});
  }

  undo = () => this.#back((by) => api.undo(by), 'undo');
  redo = () => this.#back((by) => api.redo(by), 'redo');

  /** @returns the images that changed */
  #back(ask: (by: string) => Promise<UndoAnswer>, word: string): Promise<number[]> {
    return this.#queue.after(async () => {
      try {
        const answer = await ask(this.by);
        studio.took(answer);
        if (answer.changed.length === 0) notices.say(`There is nothing to ${word}.`);
        else notices.say(`${word === 'undo' ? 'Undid' : 'Redid'} ${counted(answer.changed.length, 'label')}.`);
        await studio.readChanges();
        return answer.changed;
      } catch (error) {
        notices.problem(error);
        return [];
      }
    });
  }
}

export const labelling = new Labelling();
