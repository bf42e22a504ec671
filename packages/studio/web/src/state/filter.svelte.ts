/** @file What the views Images and Map show: one filter, and the images that pass it. */
import { ALL, type Filter, filtered } from '../logic/filter.js';
import { images } from './images.svelte.js';

class Shown {
  filter = $state.raw<Filter>(ALL);
  /** The images of the last change of the filter: a label does not make an image jump away under the eye. */
  #kept = $derived.by(() => {
    images.loaded;
    this.#again;
    return filtered(images, this.filter);
  });
  #again = $state(0);
  #since = $state(0);

  get ids(): Int32Array {
    return this.#kept;
  }
  /** Whether labels or predictions changed since the filter ran. */
  get stale(): boolean {
    return images.version !== this.#since;
  }
  refresh(): void {
    this.#since = images.version;
    this.#again++;
  }
  narrow(part: Partial<Filter>): void {
    this.filter = { ...this.filter, ...part };
    this.#since = images.version;
  }
  all(): void {
    this.filter = ALL;
  }
}

export const shown = new Shown();
