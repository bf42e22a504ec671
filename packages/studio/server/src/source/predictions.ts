/**
 * @file What the labels given so far say of all images, by a classifier that is fitted anew in a child shortly after each change. It
 * learns nothing from the exam.
 */
import type { Bus } from '../events/bus.js';
import type { Project } from '../project/project.js';
import type { Encoder } from './encoder.js';
import { atEvenSteps, MOST_LABELS } from './even-steps.js';

/** Labels that come together are counted together. */
const GATHER_MS = 30;
/** Between the end of one fit and the next: half of the time belongs to other questions. */
const REST_MS = 200;
/** A certainty that moves by less is not told: a label moves all of them a little. */
const MOVED = 0.03;

export class Predictions {
  #timer: NodeJS.Timeout | null = null;
  #going = false;
  #again = false;
  #ended = 0;

  constructor(readonly parts: { project: Project; encoder: Encoder; bus: Bus }) {}

  /** Labels or representations changed. */
  changed(): void {
    if (!this.parts.encoder.isReady) return;
    if (this.#going) this.#again = true;
    else this.#timer ??= setTimeout(() => void this.#fit(), Math.max(GATHER_MS, this.#ended + REST_MS - Date.now()));
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#again = false;
  }

  async #fit(): Promise<void> {
    this.#timer = null;
    this.#going = true;
    try {
      await this.#ask();
    } catch {
      // The child ended; the next label asks again, and whoever asks it for something else hears why.
    } finally {
      this.#going = false;
      this.#ended = Date.now();
      if (this.#again) {
        this.#again = false;
        this.changed();
      }
    }
  }

  async #ask(): Promise<void> {
    const { project, encoder, bus } = this.parts;
    const { table } = project;
    const images = Int32Array.from(atEvenSteps(labelledImages(table.label), MOST_LABELS));
    const labels = images.map((image) => table.label[image]!);
    const fitted = await (await encoder.ask()).call('fit', { images, labels });
    if (table !== project.table || fitted === null) return;
    const { ids, classes, probabilities } = fitted;
    const changed: number[] = [];
    ids.forEach((image, i) => {
      if (table.has(image, 'exam')) return; // nobody is led
      if (table.predicted[image] === classes[i] && Math.abs(table.certainty[image]! - probabilities[i]!) < MOVED)
        return;
      table.predicted[image] = classes[i]!;
      table.certainty[image] = probabilities[i]!;
      changed.push(image);
    });
    if (changed.length > 0) {
      const revision = table.touch(changed);
      bus.emit({ type: 'labels', revision, classes: project.counted(), images: [], by: '' });
    }
    const answers = project.exam.answered();
    if (answers.length === 0) return;
    const exam = { exam: answers.map(({ image }) => image), truth: answers.map((one) => one.class) };
    const accuracy = await (await encoder.ask()).call('summary', { ...exam, labels: images.length });
    if (accuracy !== null) bus.emit({ type: 'accuracy', accuracy });
  }
}

export function labelledImages(labels: Int32Array): number[] {
  const images: number[] = [];
  labels.forEach((label, image) => {
    if (label >= 0) images.push(image);
  });
  return images;
}
