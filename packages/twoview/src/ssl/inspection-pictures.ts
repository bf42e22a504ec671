/** @file Pictures of an inspection: images with two of their views, and images with their nearest neighbours before and after. */
import type { ViewPipeline } from '../augment/pipeline.js';
import { indexTensor } from '../evaluate/frozen.js';
import { thumbnails } from '../evaluate/thumbnails.js';
import { exampleViews } from './example-views.js';
import type { Unseen } from './unseen.js';

export interface BeforeAndAfter<T> {
  before: T;
  after: T;
}

export interface Picture {
  /** A PNG file as a data URI. */
  image: string;
  /** Name of its class, or null where that is not known. */
  label: string | null;
}

export type Viewed = Picture & { views: string[] };
export type Neighbours = Picture & BeforeAndAfter<Picture[]>;

const VIEWED = 8;
const QUERIES = 6;
/** Neighbours that are shown of each image. */
export const NEIGHBOURS = 6;

/** The first images with two views each. */
export async function viewsOf(
  shown: Unseen,
  classes: readonly string[],
  views: ViewPipeline,
  seed: number,
): Promise<Viewed[]> {
  const indices = shown.indices.slice(0, VIEWED);
  using index = indexTensor(indices);
  using images = shown.split.images.indexSelect(0, index);
  const drawn = exampleViews(images, views, seed);
  try {
    const [whole, made] = [await thumbnails(images), await thumbnails(drawn)];
    return whole.map((image, i) => ({
      image,
      label: classes[shown.labels[i]!] ?? null,
      views: made.slice(2 * i, 2 * i + 2),
    }));
  } finally {
    drawn.dispose();
  }
}

/** @param near of every shown image itself, then its nearest others */
export async function neighboursOf(
  { split, indices, labels }: Unseen,
  classes: readonly string[],
  near: BeforeAndAfter<number[][]>,
): Promise<Neighbours[]> {
  const queries = firstOfEachClass(labels).slice(0, QUERIES);
  const others = (list: number[][], query: number) => list[query]!.filter((i) => i !== query).slice(0, NEIGHBOURS);
  const found = queries.map((query) => ({
    query,
    before: others(near.before, query),
    after: others(near.after, query),
  }));
  const pictured = [...new Set(found.flatMap(({ query, before, after }) => [query, ...before, ...after]))];
  using index = indexTensor(pictured.map((i) => indices[i]!));
  using images = split.images.indexSelect(0, index);
  const drawn = await thumbnails(images);
  const picture = (i: number): Picture => ({
    image: drawn[pictured.indexOf(i)]!,
    label: classes[labels[i]!] ?? null,
  });
  return found.map(({ query, before, after }) => ({
    ...picture(query),
    before: before.map(picture),
    after: after.map(picture),
  }));
}

/** Nobody picked them: the first image of each class, or the first images where no class is known. */
function firstOfEachClass(labels: readonly number[]): number[] {
  const known = labels.flatMap((label, i) => (label >= 0 && labels.indexOf(label) === i ? [i] : []));
  return known.length > 0 ? known : labels.map((_, i) => i);
}
