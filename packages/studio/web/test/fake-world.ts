/** @file What the fake server knows: images with true classes, a map in which the classes are clouds, labels with undo, an exam. */
import {
  type Accuracy,
  type AccuracySummary,
  type ClassInfo,
  FLAGS,
  type ImageColumns,
  type LabelItem,
  type PartIndex,
} from '../src/api/types.js';
import { CLASS_NAMES, randomFrom } from './fake-pictures.js';

const CLASSES = CLASS_NAMES.length;

/** Score interval of Wilson (1927) for a share, 95 %. */
export function wilson(right: number, n: number): [number, number] {
  if (n === 0) return [0, 1];
  const z = 1.959964;
  const share = right / n;
  const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

export class FakeWorld {
  readonly truth: Uint8Array;
  readonly positions: Float32Array;
  /** Of the pre-training that goes on: those that have a map. */
  readonly epochs = [0, 5, 10, 15, 20];
  readonly columns: ImageColumns;
  readonly exam = new Map<number, number | null>();
  examDrawnAt = '';
  readonly classes: Omit<ClassInfo, 'count'>[] = CLASS_NAMES.map((name, id) => ({ id, name, key: null }));
  readonly changes: { revision: number; ids: number[] }[] = [];
  readonly history: { by: string; from: string; at: string; items: LabelItem[]; before: LabelItem[] }[] = [];
  readonly undone: FakeWorld['history'] = [];
  readonly curve: Accuracy['curve'] = [];

  constructor(readonly size: number) {
    const random = randomFrom(7);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    this.truth = Uint8Array.from({ length: size }, () => Math.floor(random() * CLASSES));
    this.positions = new Float32Array(2 * size);
    const list = <T>(value: (id: number) => T) => Array.from({ length: size }, (_, id) => value(id));
    for (let id = 0; id < size; id++) {
      const angle = (2 * Math.PI * this.truth[id]!) / CLASSES;
      this.positions[2 * id] = 3 * Math.cos(angle) + normal() * 0.75;
      this.positions[2 * id + 1] = 3 * Math.sin(angle) + normal() * 0.75;
    }
    const nearest = (id: number) => {
      const angle = Math.atan2(this.positions[2 * id + 1]!, this.positions[2 * id]!);
      return ((Math.round((angle / (2 * Math.PI)) * CLASSES) % CLASSES) + CLASSES) % CLASSES;
    };
    this.columns = {
      revision: 0,
      count: size,
      part: list((id): PartIndex => (id % 6 === 5 ? 2 : 0)),
      label: list(() => -1),
      predicted: list(nearest),
      certainty: list((id) => 0.4 + 0.6 * (1 - Math.abs(Math.sin(id)) ** 4)),
      cluster: list(
        (id) => nearest(id) * 2 + (Math.hypot(this.positions[2 * id]!, this.positions[2 * id + 1]!) > 3 ? 1 : 0),
      ),
      flags: list(
        (id) =>
          (id % 97 === 0 ? FLAGS.twin : 0) + (id % 211 === 0 ? FLAGS.plain : 0) + (id % 157 === 3 ? FLAGS.blurred : 0),
      ),
    };
  }

  get classInfo(): ClassInfo[] {
    const counts = new Map<number, number>();
    for (const label of this.columns.label) counts.set(label, (counts.get(label) ?? 0) + 1);
    for (const label of this.exam.values()) if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
    return this.classes.map((known) => ({ ...known, count: counts.get(known.id) ?? 0 }));
  }

  label(items: LabelItem[], by: string, from: string): void {
    const before = items.map(({ image }) => ({ image, class: orNull(this.columns.label[image]!) }));
    this.history.push({ by, from, at: new Date().toISOString(), items, before });
    this.undone.length = 0;
    this.#set(items);
  }

  /** @returns the images that changed */
  undo(): number[] {
    const last = this.history.pop();
    if (!last) return [];
    this.undone.push(last);
    return this.#set(last.before);
  }

  redo(): number[] {
    const last = this.undone.pop();
    if (!last) return [];
    this.history.push(last);
    return this.#set(last.items);
  }

  #set(items: LabelItem[]): number[] {
    for (const { image, class: label } of items) {
      this.columns.label[image] = label ?? -1;
      this.columns.flags[image] =
        (this.columns.flags[image]! & ~FLAGS.labelled) | (label === null ? 0 : FLAGS.labelled);
    }
    const ids = items.map(({ image }) => image);
    this.changes.push({ revision: ++this.columns.revision, ids });
    return ids;
  }

  drawExam(size: number): void {
    const random = randomFrom(11);
    const pool = this.columns.part.flatMap((part, id) => (part === 2 ? [id] : []));
    while (this.exam.size < Math.min(size, pool.length)) this.exam.set(pool[Math.floor(random() * pool.length)]!, null);
    for (const id of this.exam.keys()) this.columns.flags[id] = this.columns.flags[id]! | FLAGS.exam;
    this.examDrawnAt = new Date().toISOString();
    this.changes.push({ revision: ++this.columns.revision, ids: [...this.exam.keys()] });
  }

  get answered(): [image: number, label: number][] {
    return [...this.exam].flatMap(([id, label]): [number, number][] => (label === null ? [] : [[id, label]]));
  }

  /** The predictions of the columns against the exam's answers. */
  summary(): AccuracySummary | null {
    const answered = this.answered;
    if (answered.length === 0) return null;
    const right = answered.filter(([id, label]) => this.columns.predicted[id] === label).length;
    const labels = this.columns.label.filter((label) => label >= 0).length;
    return {
      accuracy: right / answered.length,
      interval: wilson(right, answered.length),
      method: 'wilson',
      n: answered.length,
      labels,
    };
  }
}

const orNull = (label: number): number | null => (label < 0 ? null : label);
