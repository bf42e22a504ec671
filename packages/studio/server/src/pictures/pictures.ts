/** @file Thumbnails and originals by the number of an image: from the cache, else drawn in a child. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Child } from '../children/child.js';
import type { SourceOptions } from '../children/images-child.js';
import type { PicturesChild } from '../children/pictures-child.js';
import type { Listed } from '../project/image-list.js';
import { Refusal } from '../refusal.js';
import type { Place } from '../source/found-images.js';
import type { Drawn } from './from-file.js';
import { PictureQueue } from './picture-queue.js';
import { ThumbnailCache } from './thumbnail-cache.js';

/** The store is opened while the first thumbnails are drawn of files, for which people wait. */
const NICE = 3;

/** Of an original, as it is shown. */
const LARGE = 2048;

/** A page asks for thumbnails as soon as it has the list; someone who scrolls on and on waits for the store as well. */
const WAIT = { quiet: 300, most: 5000 };

export class Pictures {
  /** Draws files, and never loads libtorch, which would hold up the thumbnails. */
  readonly ofFiles = new Child<PicturesChild>('pictures-child');
  /** Draws from the store. */
  readonly ofStore = new Child<PicturesChild>('pictures-child', NICE);
  readonly #queue = new PictureQueue<Drawn>(availableParallelism() + 1);
  readonly #cache: ThumbnailCache;
  /** Where the store has each image, when there is one. */
  #places: ReadonlyMap<number, Place> | null = null;
  #source: SourceOptions | null = null;
  #root = '';

  constructor(project: string) {
    this.#cache = new ThumbnailCache(join(project, 'thumbnails.sqlite'));
    this.ofFiles.warmUp();
  }

  /** @param root the folder that paths are named from */
  useFiles(root: string): void {
    this.#root = root;
  }

  async useStore(source: SourceOptions, places: ReadonlyMap<number, Place>): Promise<void> {
    await this.ofStore.call('useStore', source);
    this.#source = source;
    this.#places = places;
  }

  /** @throws Refusal IMAGE_UNREADABLE, NOT_READY */
  async thumbnail(image: Listed, size: number, signal: AbortSignal): Promise<Buffer> {
    const known = this.#cache.get(image.id, size);
    if (known !== null) return known;
    const { bytes } = await this.#draw(image, size, signal);
    const plain = Buffer.from(bytes);
    this.#cache.put(image.id, size, plain);
    return plain;
  }

  async original(image: Listed, signal: AbortSignal): Promise<Drawn> {
    return await this.#draw(image, LARGE, signal);
  }

  /** The n-th view of an image that SimCLR would draw with default settings. @throws Refusal NOT_READY */
  async view({ id }: Listed, n: number, signal: AbortSignal): Promise<Drawn> {
    const at = this.#places?.get(id);
    if (at === undefined)
      throw new Refusal('NOT_READY', 'views are drawn of images that were read; this one is not yet, or ignored');
    return this.#queue.add(async () => {
      await this.#awake();
      return await this.ofStore.call('view', { at, n });
    }, signal);
  }

  /** Of the original, in pixels. @throws Refusal IMAGE_UNREADABLE */
  async sizeOf({ path, real }: Listed): Promise<{ width: number; height: number }> {
    if (path === null || real === null) throw new Refusal('IMAGE_UNREADABLE', 'it is no file of a picture');
    return await this.ofFiles.call('measure', { path: join(this.#root, path), real });
  }

  /** For what may wait until the first thumbnails are on the screen. */
  async untilQuiet(signal: AbortSignal): Promise<void> {
    await this.#queue.untilQuiet({ ...WAIT, signal });
  }

  async close(): Promise<void> {
    await Promise.all([this.ofFiles.close(), this.ofStore.close()]);
    this.#cache.close();
  }

  #draw({ id, path, real, ignored }: Listed, size: number, signal: AbortSignal): Promise<Drawn> {
    if (real === null && path !== null) throw new Refusal('IMAGE_UNREADABLE', ignored ?? 'this file is not shown');
    return this.#queue.add(async () => {
      const drawn =
        path === null
          ? null
          : await this.ofFiles.call('fromFile', { file: { path: join(this.#root, path), real: real! }, size });
      if (drawn !== null) return drawn;
      const at = this.#places?.get(id);
      if (at === undefined) throw new Refusal('NOT_READY', 'this image can be shown when all images are read');
      await this.#awake();
      return await this.ofStore.call('fromStore', { at, size });
    }, signal);
  }

  /** A child that a picture brought down starts anew, without a store. */
  async #awake(): Promise<void> {
    if (this.ofStore.pid === null && this.#source !== null) await this.ofStore.call('useStore', this.#source);
  }
}
