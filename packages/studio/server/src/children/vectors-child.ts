/** @file The child that holds the representations of all images, and answers what is nearest, the map, classes, and what to label. */
import * as torch from '@twoview/torch';
import {
  accuracyInterval,
  type Head,
  kMedoids,
  leftOutProbabilities,
  maxHerding,
  principalMap,
  ridgeHead,
  type Scale,
  scaleOf,
  suspectLabels,
  typiclust,
} from 'twoview';
import { type Maths, notYet } from '../maths.js';
import { Refusal } from '../refusal.js';
import { measure } from './measure.js';
import { rowsOfAlike } from './rows-of-alike.js';
import { serve } from './serve.js';

interface Loaded {
  /** [N, d] float32 of unit length. */
  unit: torch.Tensor;
  /** [N, d] as the encoder made them. */
  raw: torch.Tensor;
  /** Mean and deviation of every number, over all images. */
  scale: Scale;
  ids: Int32Array;
  rowOf: Map<number, number>;
}

let loaded: Loaded | null = null;

function vectors(): Loaded {
  if (loaded === null) throw new Refusal('NO_ENCODER', 'there are no representations yet', 'start with --weights RUN');
  return loaded;
}

interface Fitted {
  head: Head;
  /** The class of each of its columns. */
  classes: number[];
  /** Of the labels that it learned from. */
  rows: number[];
}

/** What the last labels made. */
let head: Fitted | null = null;

const METHODS = { 'max-herding': maxHerding, typiclust, 'k-medoids': kMedoids };

const functions = {
  /** @param files safetensors as `embed` writes them, one after the other; `ids` the image of each of their rows */
  load: async ({
    files,
    ids,
  }: {
    files: string[];
    ids: Int32Array;
  }): Promise<{ count: number; featureSize: number }> => {
    await torch.load({ flushDenormal: true });
    const raw = torch.scope(() =>
      torch.cat(files.map((file) => torch.safetensors.load(file).tensors.features!.to('float32'))),
    );
    const unit = torch.scope(() => torch.normalize(raw, { dim: 1 }));
    const rowOf = new Map(Array.from(ids, (id, row) => [id, row]));
    loaded = { unit, raw, scale: scaleOf(raw), ids, rowOf };
    return { count: raw.shape[0]!, featureSize: raw.shape[1]! };
  },

  similar: ({ image, count }: Parameters<Maths['similar']>[0]): ReturnType<Maths['similar']> => {
    const { unit, ids, rowOf } = vectors();
    const row = rowOf.get(image);
    if (row === undefined)
      throw new Refusal('NOT_FOUND', `image ${image} has no representation: it could not be decoded`);
    return torch.scope(() => {
      const products = unit.mv(unit.select(0, row)); //                      [N]
      const [values, rows] = products.topk(Math.min(count + 1, ids.length), { dim: 0 });
      const similarities = values.tolist() as number[];
      const found = (rows.tolist() as number[]).map((at, i) => ({ at, similarity: similarities[i]! }));
      const others = found.filter(({ at }) => at !== row).slice(0, count);
      return { ids: others.map(({ at }) => ids[at]!), similarities: others.map(({ similarity }) => similarity) };
    });
  },

  map: ({ count }: Parameters<Maths['map']>[0]): ReturnType<Maths['map']> => {
    const { raw, ids } = vectors();
    const points = principalMap(raw);
    const map = new Float32Array(2 * count).fill(Number.NaN);
    ids.forEach((id, row) => {
      map.set(points.subarray(2 * row, 2 * row + 2), 2 * id);
    });
    return map;
  },

  fit: ({ images, labels }: Parameters<Maths['fit']>[0]): ReturnType<Maths['fit']> => {
    const { raw, scale, ids, rowOf } = vectors();
    head?.head[Symbol.dispose]();
    head = fitted({ raw, scale, rowOf }, images, labels);
    if (head === null) return null;
    const { head: made, classes } = head;
    return torch.scope(() => {
      const [most, which] = made.probabilities(raw).max(1);
      return {
        ids,
        classes: Int32Array.from(which.tolist() as number[], (i) => classes[i]!),
        probabilities: Float32Array.from(most.tolist() as number[]),
      };
    });
  },

  wrongLabels: ({ images, labels }: Parameters<Maths['wrongLabels']>[0]): ReturnType<Maths['wrongLabels']> => {
    const { raw, scale, ids, rowOf } = vectors();
    const known = represented(rowOf, Int32Array.from(images), Int32Array.from(labels));
    const classes = [...new Set(known.map(({ label }) => label))].sort((a, b) => a - b);
    if (classes.length < 2) return [];
    const places = known.map(({ label }) => classes.indexOf(label));
    return torch.scope(() => {
      const features = raw.indexSelect(0, indexTensor(known.map(({ row }) => row)));
      const options = { numClasses: classes.length, scale };
      const { suspects } = suspectLabels(leftOutProbabilities(features, indexTensor(places), options), places);
      return suspects.map(({ index, given, suggested, certainty }) => ({
        ...{ image: ids[known[index]!.row]!, certainty },
        ...{ given: classes[given]!, suggested: classes[suggested]! },
      }));
    });
  },

  summary: ({ exam, truth, labels }: Parameters<Maths['summary']>[0]): ReturnType<Maths['summary']> =>
    head === null ? null : { ...onExam(vectors(), head, exam, truth), labels },

  accuracyOf: ({
    images,
    labels,
    exam,
    truth,
  }: Parameters<Maths['accuracyOf']>[0]): ReturnType<Maths['accuracyOf']> => {
    const made = fitted(vectors(), Int32Array.from(images), Int32Array.from(labels));
    if (made === null || exam.length === 0) return null;
    using _ = made.head;
    return { ...onExam(vectors(), made, exam, truth), labels: images.length };
  },

  measure: (asked: Parameters<Maths['measure']>[0]): ReturnType<Maths['measure']> => {
    const { raw, scale, ids, rowOf } = vectors();
    const place = new Map(asked.classes.map(({ id }, i) => [id, i]));
    const rowsAndPlaces = (images: readonly number[], classes: readonly number[]) =>
      images.flatMap((image, i) => {
        const row = rowOf.get(image);
        return row === undefined ? [] : [{ row, place: place.get(classes[i]!)! }];
      });
    const known = rowsAndPlaces(asked.images, asked.labels);
    const exam = rowsAndPlaces(asked.exam, asked.truth);
    const found = measure(raw, scale, {
      ...{ rows: known.map(({ row }) => row), labels: known.map((one) => one.place) },
      ...{ examRows: exam.map(({ row }) => row), truth: exam.map((one) => one.place) },
      classes: asked.classes.map(({ name }) => name),
    });
    const { counts, examples } = found.confusion;
    return {
      ...found,
      perClass: found.perClass.map((one) => ({ ...one, class: asked.classes[one.class]!.id })),
      confusion: { counts, examples: examples.map((row) => row.map((cell) => cell.map((at) => ids[at]!))) },
    };
  },

  choose: async ({ method, candidates, labelled, count, seed }: Parameters<Maths['choose']>[0]): Promise<number[]> => {
    const { raw, rowOf } = vectors();
    const choose = METHODS[method as keyof typeof METHODS];
    if (choose === undefined) notYet(`choosing by ${method}`);
    const open = [...candidates].filter((image) => rowOf.has(image));
    const known = [...labelled].filter((image) => rowOf.has(image));
    const pool = [...known, ...open];
    using features = torch.scope(() => raw.indexSelect(0, indexTensor(pool.map((image) => rowOf.get(image)!))));
    const budget = Math.min(count, open.length);
    const pause = async () => await new Promise<void>((resolve) => setImmediate(resolve)); // other questions are answered in between
    const chosen = await choose(features, { budget, seed, labelled: known.map((_, i) => i), pause });
    return chosen.map((place) => pool[place]!);
  },

  clusters: async ({
    candidates,
    labelled,
    rows,
    size,
  }: Parameters<Maths['clusters']>[0]): ReturnType<Maths['clusters']> => {
    const { raw, unit, rowOf } = vectors();
    const open = [...candidates].filter((image) => rowOf.has(image));
    const seeds = await functions.choose({ method: 'max-herding', candidates, labelled, count: rows, seed: 0 });
    return torch.scope(() => {
      const places = indexTensor(open.map((image) => rowOf.get(image)!));
      return rowsOfAlike(unit.indexSelect(0, places), open, seeds, size).map((images) => {
        if (head === null) return { images, proposed: null, certainty: 0 };
        const members = raw.indexSelect(0, indexTensor(images.map((image) => rowOf.get(image)!)));
        const mean = head.head.probabilities(members).mean([0]).tolist() as number[];
        const certainty = Math.max(...mean);
        return { images, proposed: head.classes[mean.indexOf(certainty)]!, certainty };
      });
    });
  },
};

const indexTensor = (values: readonly number[]): torch.Tensor => torch.tensor([...values], { dtype: 'int64' });

/** One class alone tells nothing apart. */
function fitted(
  { raw, scale, rowOf }: Pick<Loaded, 'raw' | 'scale' | 'rowOf'>,
  images: Int32Array,
  labels: Int32Array,
): Fitted | null {
  const known = represented(rowOf, images, labels);
  const classes = [...new Set(known.map(({ label }) => label))].sort((a, b) => a - b);
  if (classes.length < 2) return null;
  const place = new Map(classes.map((label, i) => [label, i]));
  return torch.scope(() => {
    const rows = indexTensor(known.map(({ row }) => row));
    const given = indexTensor(known.map(({ label }) => place.get(label)!));
    const made = ridgeHead(raw.indexSelect(0, rows), given, { numClasses: classes.length, scale });
    for (const tensor of [made.weight, made.bias]) torch.keep(tensor);
    return { head: made, classes, rows: known.map(({ row }) => row) };
  });
}

/** The accuracy on answered images of the exam, with its interval; images that were neither asked nor learned from narrow it. */
function onExam({ raw, rowOf }: Loaded, made: Fitted, exam: readonly number[], truth: readonly number[]) {
  const asked = exam.flatMap((image, i) => {
    const row = rowOf.get(image);
    return row === undefined ? [] : [{ row, truth: truth[i]! }];
  });
  const seen = new Set([...asked.map(({ row }) => row), ...made.rows]);
  return torch.scope(() => {
    const [most, which] = made.head.probabilities(raw).max(1);
    const [certainty, predicted]: [number[], number[]] = [most.tolist(), which.tolist()];
    const { accuracy, low, high, method, n } = accuracyInterval({
      examRight: asked.map(({ row, truth }) => (made.classes[predicted[row]!] === truth ? 1 : 0)),
      examCertainty: asked.map(({ row }) => certainty[row]!),
      certainty: certainty.filter((_, row) => !seen.has(row)),
    });
    return { accuracy, interval: [low, high] as [number, number], method, n };
  });
}

/** Labelled images that have a representation. */
function represented(rowOf: ReadonlyMap<number, number>, images: Int32Array, labels: Int32Array) {
  return Array.from(images, (image, i) => ({ row: rowOf.get(image), label: labels[i]! })).filter(
    (one): one is { row: number; label: number } => one.row !== undefined,
  );
}

export type VectorsChild = {
  [Name in keyof typeof functions]: (
    args: Parameters<(typeof functions)[Name]>[0],
  ) => ReturnType<(typeof functions)[Name]>;
};

serve(functions);
