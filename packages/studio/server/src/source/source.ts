/**
 * @file The images of a studio, from a name to what is shown: the list first, since files can be shown before they are decoded; then
 * the store; both in a child.
 */
import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ProgressEvent } from 'twoview';
import type { State } from '../api.js';
import { Child } from '../children/child.js';
import type { ImagesChild, OpenedSet, SourceOptions } from '../children/images-child.js';
import type { Bus } from '../events/bus.js';
import type { WorkList } from '../events/work.js';
import type { Pictures } from '../pictures/pictures.js';
import type { Project } from '../project/project.js';
import { type Place, placesOf, type Scan, scanOfFiles, scanOfRows } from './found-images.js';
import { type Ignored, ignoredFiles } from './ignored-files.js';

const DAMAGED = 'it is damaged, and cannot be decoded';

export class Source {
  phase: State['phase'] = 'scanning';
  failure: string | null = null;
  name: string;
  notes: string[] = [];
  set: OpenedSet | null = null;
  places: ReadonlyMap<number, Place> = new Map();
  /** The folder that paths are named from; null for sets that are not made of files. */
  root: string | null = null;
  #others: Ignored[] = [];
  /** Ends when the list of images is known, or it is said why not. */
  readonly listed: Promise<void>;
  #tellListed!: () => void;
  readonly #child = new Child<ImagesChild>('images-child', 5);

  constructor(
    readonly options: SourceOptions,
    readonly parts: { project: Project; pictures: Pictures; bus: Bus; works: WorkList },
  ) {
    this.name = options.source;
    this.listed = new Promise((resolve) => {
      this.#tellListed = resolve;
    });
  }

  get child(): Child<ImagesChild> {
    return this.#child;
  }

  get ignored(): Ignored[] {
    const named = this.parts.project.images.flatMap(({ path, ignored }) =>
      ignored === null ? [] : [{ path: path ?? '', reason: ignored }],
    );
    return [...named, ...this.#others];
  }

  /** Ends when the images are ready, or it is said why they are not. */
  async open(): Promise<void> {
    try {
      await this.#scan();
      if (this.root !== null) this.#tellListed();
      await this.#decode();
      this.#become('ready');
    } catch (error) {
      this.failure = (error as Error).message;
      this.#become('failed');
    }
    this.#tellListed();
  }

  close(): Promise<void> {
    return this.#child.close();
  }

  async #scan(): Promise<void> {
    const { project, pictures, works } = this.parts;
    const known = resolve(this.options.source);
    if (existsSync(known)) pictures.useFiles(realpathSync(known)); // a project that was here before shows its images at once
    const work = { id: 'scan', kind: 'scan' as const, text: `listing ${this.options.source}` };
    const list = await works.during(work, () => this.#child.call('list', this.options));
    if (list === null) return;
    this.name = list.name;
    this.root = list.root;
    this.notes = list.notes;
    pictures.useFiles(list.root);
    this.#take(scanOfFiles(list));
    if (!list.isTable) this.#others = ignoredFiles(list.root, new Set(project.images.map(({ path }) => path!)));
    this.#become('decoding');
  }

  async #decode(): Promise<void> {
    const { project, pictures, works } = this.parts;
    const work = { id: 'decode', kind: 'decode' as const, text: 'reading the images' };
    const set = await works.during(work, (tell) =>
      this.#child.call('open', this.options, {
        onEvent: (event: ProgressEvent) => {
          if (event.type === 'progress') tell(event.done, event.total, event.phase);
        },
      }),
    );
    this.set = set;
    this.name = set.name;
    this.notes = [...set.notes, ...set.warnings];
    if (this.root === null) this.#take(scanOfRows(set));
    this.places = placesOf(set, project.images);
    const damaged = project.images.filter(({ id, ignored }) => ignored === null && !this.places.has(id));
    if (damaged.length > 0)
      project.ignore(
        damaged.map(({ id }) => id),
        DAMAGED,
      );
    await pictures.useStore(this.options, this.places);
  }

  #take({ found, classes, labels }: Scan): void {
    this.parts.project.update(found, classes, labels);
  }

  #become(phase: State['phase']): void {
    this.phase = phase;
    this.parts.bus.emit({ type: 'state' });
  }
}
