/**
 * @file k-medoids: images such that every image has a similar one among them, by the sum of 1 - cosine similarity. Alternately every
 * image goes to the nearest medoid, and every cell gets the member with the smallest sum as its medoid, until nothing changes.
 * Source: the alternating algorithm, Park & Jun 2009, "A simple and fast algorithm for K-medoids clustering", begun with the clusters of
 * k-means. On representations of unit length the sum of 1 - cosine over a cell C is |C| - x sum(C), so no distance of pairs is needed.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { indexTensor, ofUnitLength, requireBudget, type Selection } from './choice.js';
import { type Cells, kMeans, nearestOf } from './k-means.js';

const MOST_ROUNDS = 100;
/** Rows whose sums are looked up at once. */
const TOGETHER = 4096;

/**
 * Images with a label are medoids that stay. Another budget makes other cells: the first b of a longer list are not the choice for budget b.
 *
 * @param features [N, d]
 * @returns indices, those of the largest cells first @throws TwoviewError BUDGET_TOO_LARGE
 */
export async function kMedoids(features: Tensor, choice: Selection): Promise<number[]> {
  requireBudget(features.shape[0]!, choice);
  const { budget, seed, pause } = choice;
  const labelled = [...new Set(choice.labelled)];
  using points = ofUnitLength(features);
  const k = labelled.length + budget;
  let cells = await kMeans(points, k, { seed, fixed: labelled, ...(pause && { pause }) });
  let medoids = medoidsOf(points, cells, labelled, k);
  try {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      cells[Symbol.dispose]();
      cells = torch.scope(() => nearestOf(points, points.indexSelect(0, indexTensor(medoids, points))));
      const next = medoidsOf(points, cells, labelled, k);
      if (next.every((index, i) => index === medoids[i])) break;
      medoids = next;
      await pause?.();
    }
    const sizes: number[] = torch.scope(() => cells.cell.bincount({ minlength: k }).tolist());
    const order = Array.from({ length: budget }, (_, i) => labelled.length + i).sort((a, b) => sizes[b]! - sizes[a]!);
    return order.map((cell) => medoids[cell]!);
  } finally {
    cells[Symbol.dispose]();
  }
}

/** Of cells 0, 1, ... the images with a label, of the others the member with the largest x sum(C). @returns k different indices */
function medoidsOf(points: Tensor, { cell, distance }: Cells, labelled: readonly number[], k: number): number[] {
  const scores = productsWithSums(points, cell, k);
  const medoids: number[] = Array.from({ length: k }, (_, i) => labelled[i] ?? -1);
  const taken = new Set(labelled);
  for (const [index, at] of (cell.tolist() as number[]).entries()) {
    if (at < labelled.length || taken.has(index)) continue;
    if (medoids[at]! < 0 || scores[index]! > scores[medoids[at]!]!) medoids[at] = index;
  }
  if (!medoids.includes(-1)) return medoids;
  // Where many images coincide, cells may be empty: they get the images that are farthest from their medoids.
  for (const index of medoids) taken.add(index);
  const farthest: number[] = torch.scope(() => distance.argsort({ dim: 0, descending: true, stable: true }).tolist());
  const spare = farthest.filter((index) => !taken.has(index));
  return medoids.map((index) => (index < 0 ? spare.shift()! : index));
}

/** @returns x sum(C) of every image x and its cell C */
function productsWithSums(points: Tensor, cell: Tensor, k: number): number[] {
  return torch.scope(() => {
    const [count, d] = points.shape as [number, number];
    const sums = torch.zeros([k, d], { device: points.device }).indexAdd_(0, cell, points);
    const products: Tensor[] = [];
    for (let from = 0; from < count; from += TOGETHER) {
      const rows = <T extends Tensor>(x: T) => x.narrow(0, from, Math.min(TOGETHER, count - from));
      products.push(torch.scope(() => sums.indexSelect(0, rows(cell)).mul_(rows(points)).sum([1])));
    }
    return torch.cat(products).tolist();
  });
}
