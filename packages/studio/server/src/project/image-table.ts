/**
 * @file What the page shows of all images, as columns in memory: 50,000 images take two megabytes. Each image has the revision of
 * its last change, so that a page asks for changes alone.
 */
import { FLAGS, type ImageChanges, type ImageColumns, type Part, type PartIndex } from '../api.js';

export const PARTS: readonly Part[] = ['train', 'val', 'test'];

export class ImageTable {
  readonly part: Uint8Array;
  readonly label: Int32Array;
  readonly predicted: Int32Array;
  readonly certainty: Float32Array;
  readonly cluster: Int32Array;
  readonly flags: Uint8Array;
  readonly #changed: Float64Array;
  readonly #base: number;
  #revision: number;

  /** @param revision above all that an earlier server gave out, as the time is */
  constructor(parts: readonly number[], revision = Date.now()) {
    const count = parts.length;
    this.part = Uint8Array.from(parts);
    this.label = new Int32Array(count).fill(-1);
    this.predicted = new Int32Array(count).fill(-1);
    this.certainty = new Float32Array(count);
    this.cluster = new Int32Array(count).fill(-1);
    this.flags = new Uint8Array(count);
    this.#changed = new Float64Array(count).fill(revision);
    this.#base = revision;
    this.#revision = revision;
  }

  get count(): number {
    return this.part.length;
  }

  get revision(): number {
    return this.#revision;
  }

  /** @returns the new revision, which the images that are named now have */
  touch(images: Iterable<number>): number {
    this.#revision++;
    for (const image of images) this.#changed[image] = this.#revision;
    return this.#revision;
  }

  setFlag(image: number, flag: keyof typeof FLAGS, on: boolean): void {
    const bit = FLAGS[flag];
    this.flags[image] = on ? this.flags[image]! | bit : this.flags[image]! & ~bit;
  }

  has(image: number, flag: keyof typeof FLAGS): boolean {
    return (this.flags[image]! & FLAGS[flag]) !== 0;
  }

  setLabel(image: number, label: number): void {
    this.label[image] = label;
    this.setFlag(image, 'labelled', label >= 0);
  }

  columns(): ImageColumns {
    const list = (values: ArrayLike<number>) => Array.from(values);
    return {
      revision: this.#revision,
      count: this.count,
      part: list(this.part) as PartIndex[],
      label: list(this.label),
      predicted: list(this.predicted),
      certainty: Array.from(this.certainty, rounded),
      cluster: list(this.cluster),
      flags: list(this.flags),
    };
  }

  /** All images where `since` is of another server. */
  changes(since: number): ImageChanges {
    const known = since >= this.#base && since <= this.#revision;
    const ids: number[] = [];
    for (let image = 0; image < this.count; image++) if (!known || this.#changed[image]! > since) ids.push(image);
    const at = (values: ArrayLike<number>) => ids.map((image) => values[image]!);
    return {
      ...{ since, revision: this.#revision, ids },
      ...{ label: at(this.label), predicted: at(this.predicted), certainty: at(this.certainty).map(rounded) },
      ...{ cluster: at(this.cluster), flags: at(this.flags) },
    };
  }
}

/** float32 as JSON would have 17 digits. */
const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
