/**
 * @file The state of the whole page: what the server said last, kept up to date by its events. Views read it and call
 * `labelling`, `runs` and the others; nothing else holds a copy.
 */
import { api } from '../api/client.js';
import { listen } from '../api/events.js';
import type { AccuracySummary, ClassInfo, LabelAnswer, State, StudioEvent, Work } from '../api/types.js';
import { classKeys } from '../logic/class-keys.js';
import { images } from './images.svelte.js';
import { notices } from './notices.svelte.js';
import { runs } from './runs.svelte.js';

class Studio {
  state = $state.raw<State | null>(null);
  classes = $state.raw<ClassInfo[]>([]);
  accuracy = $state.raw<AccuracySummary | null>(null);
  /** Why there is no accuracy. */
  noAccuracy = $state('');
  connected = $state(true);
  canUndo = $state(false);
  canRedo = $state(false);
  work = $state.raw<Work[]>([]);
  /** Rise when there is something new to read: a map, and what an accuracy rests on. */
  mapVersion = $state({ pca: 0, umap: 0 });
  accuracyVersion = $state(0);
  /** Rises when a training has another map. */
  courseVersion = $state(0);
  /** What decides, after images changed, which labels are shown: those on their way. */
  ahead: () => Parameters<typeof images.show>[0] = () => [];

  readonly classById = $derived(new Map(this.classes.map((known) => [known.id, known])));
  /** Class by key; the classes without a key of their own have 1 to 9, then letters. */
  readonly classByKey = $derived(classKeys(this.classes));
  readonly keyOf = $derived(new Map([...this.classByKey].map(([key, id]) => [id, key])));
  readonly labelled = $derived(
    this.state ? Object.values(this.state.parts).reduce((sum, part) => sum + part.labelled, 0) : 0,
  );

  nameOf(id: number): string {
    return this.classById.get(id)?.name ?? (id < 0 ? 'no label' : `class ${id}`);
  }

  start(): () => void {
    void this.readAll();
    return listen(
      (event) => this.#on(event),
      (open) => {
        this.connected = open;
      },
    );
  }

  async readAll(): Promise<void> {
    try {
      const [state, columns] = await Promise.all([api.state(), api.images()]);
      this.#takeState(state);
      images.replace(columns);
      images.show(this.ahead());
      void this.readAccuracy();
      void runs.read();
    } catch (error) {
      notices.problem(error);
    }
  }

  async readState(): Promise<void> {
    this.#takeState(await api.state());
  }

  #takeState(state: State): void {
    this.state = state;
    this.classes = state.classes;
    this.work = state.work;
    this.canUndo = state.canUndo;
    this.canRedo = state.canRedo;
  }

  async readAccuracy(): Promise<void> {
    if (!this.state?.exam?.answered) {
      this.noAccuracy = this.state?.exam ? 'No image of the exam is answered yet.' : 'No exam is set aside yet.';
      return;
    }
    try {
      this.accuracy = await api.accuracy();
    } catch (error) {
      this.accuracy = null;
      this.noAccuracy = error instanceof Error ? error.message : String(error);
    }
    this.accuracyVersion++;
  }

  /** What every answer to a label brings. */
  took({ classes, accuracy, canUndo, canRedo }: LabelAnswer): void {
    this.classes = classes;
    this.canUndo = canUndo;
    this.canRedo = canRedo;
    if (accuracy) this.#tookAccuracy(accuracy);
  }

  #tookAccuracy(accuracy: AccuracySummary): void {
    this.accuracy = accuracy;
    this.accuracyVersion++;
  }

  /** Reads what changed since the columns' revision. */
  async readChanges(): Promise<void> {
    try {
      const portions = [await api.changes(images.revision, 0)];
      for (let { next } = portions[0]!; next !== null; { next } = portions.at(-1)!)
        portions.push(await api.changes(images.revision, next));
      images.apply(portions);
      images.show(this.ahead());
      await this.readState();
    } catch (error) {
      notices.problem(error);
    }
  }

  #on(event: StudioEvent): void {
    switch (event.type) {
      case 'labels':
        this.classes = event.classes;
        if (event.revision > images.revision) this.#soon();
        return;
      case 'accuracy':
        this.#tookAccuracy(event.accuracy);
        return;
      case 'map':
        if (event.run === null) this.mapVersion[event.method]++;
        else this.courseVersion++;
        return;
      case 'work': {
        const others = this.work.filter(({ id }) => id !== event.work.id);
        const over = event.state === 'done' || event.state === 'failed';
        this.work = over ? others : [...others, event.work];
        if (event.state === 'failed') notices.say(`Failed: ${event.work.text}`, 'problem');
        if (over) this.#soon();
        return;
      }
      case 'run':
      case 'progress':
      case 'epoch':
        runs.on(event);
        return;
      case 'state':
      case 'lost':
        void this.readAll();
    }
  }

  #waiting: ReturnType<typeof setTimeout> | undefined;
  /** Many events in a row are one request. */
  #soon(): void {
    this.#waiting ??= setTimeout(() => {
      this.#waiting = undefined;
      void this.readChanges();
    }, 150);
  }
}

export const studio = new Studio();
