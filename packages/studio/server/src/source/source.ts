/**
 * @file The images of a studio, from a name to what is shown: the list first, since files can be shown before they are decoded; then
 * the store; both in a child.
 */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ProgressEvent } from 'twoview';
import type { State } from '../api.js';
import { Child } from '../children/child.js';
import type { ImagesChild, OpenedSet, SourceOptions } from '../children/images-child.js';
import type { Bus } from '../events/bus.js';
import type { WorkList } from '../events/work.js';
import type { Pictures } from '../pictures/pictures.js';
import type { Listed } from '../project/image-list.js';
import type { Project } from '../project/project.js';
import { untilChanged } from '../project/until-changed.js';
import { type Place, placesOf, type Scan, scanOfFiles, scanOfRows } from './found-images.js';
import type { Ignored } from './ignored-files.js';
import { usableTable } from './usable-table.js';

/** Each failed reading names all files at fault; a second one would mean that they change meanwhile. */
const ATTEMPTS = 3;
/** Of decoding: thumbnails that someone waits for come first, and so does the server. Everyone waits for the list of the images. */
const NICE = 10;

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
  /** Whether what is opened is a table, from whose folder its paths are named. */
  #isTable = false;
  readonly #child = new Child<ImagesChild>('images-child');
  readonly #ending = new AbortController();

  /** Class names of the source, by image. */
  #labels: ReadonlyMap<number, string> = new Map();

  constructor(
    public options: SourceOptions,
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

  /** The image of each row of the training part. */
  get trainingImages(): Int32Array {
    const images = new Int32Array(this.set?.parts.find(({ part }) => part === 'train')?.count ?? 0);
    for (const [image, { part, row }] of this.places) if (part === 'train') images[row] = image;
    return images;
  }

  readonly ignored = untilChanged(
    () => this.parts.project.table,
    (): Ignored[] => {
      const named: Ignored[] = [];
      for (const { path, ignored } of this.parts.project.images) {
        if (ignored !== null) named.push({ path: path ?? '', reason: ignored });
      }
      return [...named, ...this.#others];
    },
  );

  /** Ends when the images are ready, or it is said why they are not. */
  async open(): Promise<void> {
    try {
      await this.#scan();
      if (this.root !== null) this.#tellListed();
      // Decoding takes all cores, also from the browser that draws the first thumbnails.
      if (this.root !== null && this.parts.bus.isHeard) await this.parts.pictures.untilQuiet(this.#ending.signal);
      await this.#decode();
      this.#become('ready');
    } catch (error) {
      this.failure = (error as Error).message;
      this.#become('failed');
    }
    this.#tellListed();
  }

  close(): Promise<void> {
    this.#ending.abort();
    return this.#child.close();
  }

  async #scan(): Promise<void> {
    const { pictures, works } = this.parts;
    const known = resolve(this.options.source);
    if (existsSync(known)) pictures.useFiles(folderOf(realpathSync(known))); // a project that was here before shows its images at once
    const work = { id: 'scan', kind: 'scan' as const, text: `listing ${this.options.source}` };
    const listed = await works.during(work, () => this.#child.call('list', this.options));
    this.#child.giveWay(NICE);
    if (listed === null) return;
    const { list, others } = listed;
    this.name = list.name;
    this.root = list.root;
    this.#isTable = list.isTable;
    this.notes = list.notes;
    pictures.useFiles(list.root);
    this.#others = others;
    this.#take(scanOfFiles(list));
    this.#become('decoding');
  }

  async #decode(): Promise<void> {
    const { project, pictures } = this.parts;
    if (project.images.some(({ ignored, path }) => ignored !== null && path !== null)) this.#useTable();
    const set = await this.#openUsable();
    this.set = set;
    this.name = this.root === null ? set.name : this.name;
    this.notes = [...this.notes, ...set.notes.filter((note) => !this.notes.includes(note)), ...set.warnings];
    if (this.root === null) this.#take(scanOfRows(set));
    const from = dirname(resolve(this.options.source));
    this.places = placesOf(set, project.images, this.#fileOf, this.#isTable ? from : (this.root ?? ''));
    await pictures.useStore(this.options, this.places);
  }

  /** The set without the files that cannot be decoded, which are ignored from then on. */
  async #openUsable(): Promise<OpenedSet> {
    const { project, works } = this.parts;
    for (let attempt = 1; ; attempt++) {
      const work = { id: 'decode', kind: 'decode' as const, text: 'reading the images' };
      const opened = await works.during(work, (tell) =>
        this.#child.call('open', this.options, {
          onEvent: (event: ProgressEvent) => {
            if (event.type === 'progress') tell(event.done, event.total, event.phase);
          },
        }),
      );
      if (!('unusable' in opened)) return opened;
      const why = new Map(opened.unusable.map((one) => [one.path, one.why]));
      const ids = new Map(project.images.map((image) => [image.path === null ? '' : this.#fileOf(image), image.id]));
      if (attempt === ATTEMPTS || this.root === null) throw new Error([...why].map((one) => one.join(': ')).join('\n'));
      for (const [path, reason] of why) if (ids.has(path)) project.ignore([ids.get(path)!], reason);
      this.#useTable();
      this.#become('decoding');
    }
  }

  #useTable(): void {
    const { project } = this.parts;
    this.options = usableTable(this.options, {
      folder: project.folder,
      images: project.images,
      labels: this.#labels,
      fileOf: this.#fileOf,
    });
    this.#isTable = true;
  }

  #fileOf = ({ path }: Listed): string => join(this.root!, path!);

  #take({ found, classes, labels }: Scan): void {
    const ids = this.parts.project.update(found, classes, labels);
    this.#labels = new Map(ids.flatMap((id, i) => (labels[i] == null ? [] : [[id, labels[i]]])));
  }

  #become(phase: State['phase']): void {
    this.phase = phase;
    this.parts.bus.emit({ type: 'state' });
  }
}

/** That paths are named from: a folder itself, that of a table. */
const folderOf = (real: string): string => (statSync(real).isFile() ? dirname(real) : real);
