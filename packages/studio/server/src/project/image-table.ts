/**
 * @file What the page shows of all images, as columns in memory: 50,000 images take two megabytes. Each image has the revision of
 * its last change, so that a page asks for changes alone.
 */
import { FLAGS, type ImageChanges, type ImageColumns, type Part } from '../api.js';

export const PARTS: readonly Part[] = ['train', 'val', 'test'];

/** Changes in one answer: writing them takes some milliseconds, in which the server answers nobody else. */
const PORTION = 5000;

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

  /** `ImageColumns` as JSON. */
  columns(): string {
    const { part, label, predicted, certainty, cluster, flags } = this;
    return objectOf({
      revision: this.#revision,
      count: this.count,
      ...{ part: listOf(part), label: listOf(label), predicted: listOf(predicted) },
      ...{ certainty: certaintiesOf(certainty), cluster: listOf(cluster), flags: listOf(flags) },
    } satisfies Record<keyof ImageColumns, unknown>);
  }

  /**
   * `ImageChanges` as JSON, a portion of them; of all images where `since` is of another server.
   *
   * @param from the first image that is looked at
   */
  changes(since: number, from = 0): string {
    const known = since >= this.#base && since <= this.#revision;
    const all = new Int32Array(PORTION);
    let [found, image] = [0, from];
    for (; image < this.count && found < PORTION; image++) {
      if (!known || this.#changed[image]! > since) all[found++] = image;
    }
    const ids = all.subarray(0, found);
    const at = (values: Int32Array | Uint8Array) => listOf(picked(values, ids, new Int32Array(found)));
    return objectOf({
      ...{ since, revision: this.#revision, next: image < this.count ? image : 'null', ids: listOf(ids) },
      ...{ label: at(this.label), predicted: at(this.predicted), cluster: at(this.cluster), flags: at(this.flags) },
      certainty: certaintiesOf(picked(this.certainty, ids, new Float32Array(found))),
    } satisfies Record<keyof ImageChanges, unknown>);
  }
}

/** A loop: `map` and `from` call a function for each number, which takes several times as long. */
function picked<To extends Int32Array | Float32Array>(values: ArrayLike<number>, ids: Int32Array, into: To): To {
  for (let i = 0; i < ids.length; i++) into[i] = values[ids[i]!]!;
  return into;
}

/** By hand, since 50,000 images are in every page's first answer: three times as quick as lists of numbers and JSON.stringify. */
const objectOf = (values: Record<string, string | number>): string =>
  `{${Object.entries(values)
    .map(([name, value]) => `"${name}":${value}`)
    .join(',')}}`;

const listOf = (values: { join(separator: string): string }): string => `[${values.join(',')}]`;

const HUNDREDTHS = Array.from({ length: 101 }, (_, i) => String(i / 100));

/** Hundredths are what people see. */
function certaintiesOf(values: Float32Array): string {
  const texts = new Array<string>(values.length);
  for (let i = 0; i < values.length; i++) texts[i] = HUNDREDTHS[Math.round(values[i]! * 100)]!;
  return listOf(texts);
}
