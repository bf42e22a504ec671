/**
 * @file TypiClust: one typical image of each large cluster. The images are clustered into as many clusters as there are labels then, and
 * of the largest clusters without a label the image is taken whose mean distance to its 20 nearest is the smallest.
 * Source: Hacohen et al. 2022, arXiv 2202.02794 (TPC_RP), and their code (avihu111/TypiClust, deep-al/pycls/al/typiclust.py),
 * from which the numbers are. Differences: distances are not squared, as in the paper (the code's are); Lloyd's k-means for any number of
 * clusters, where the code takes mini-batches from 50 on; clusters of up to five images, which the code leaves out, are taken where the
 * others have no image left.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { indexTensor, ofUnitLength, requireBudget, type Selection } from './choice.js';
import { kMeans } from './k-means.js';

const MOST_CLUSTERS = 500;
const NEIGHBOURS = 20;
/** Clusters up to this size come last. */
const SMALL = 5;
/** Similarities that are held at once. */
const BLOCK_BYTES = 16 << 20;

/**
 * Another budget makes other clusters: the first b of a longer list are not the choice for budget b.
 *
 * @param features [N, d]
 * @returns indices in the order of choice @throws TwoviewError BUDGET_TOO_LARGE
 */
export async function typiclust(features: Tensor, choice: Selection): Promise<number[]> {
  const count = features.shape[0]!;
  requireBudget(count, choice);
  const { budget, seed, pause } = choice;
  const labelled = [...new Set(choice.labelled)];
  using points = ofUnitLength(features);
  const k = Math.min(labelled.length + budget, MOST_CLUSTERS);
  using cells = await kMeans(points, k, { seed, ...(pause && { pause }) });
  const clusters = clustersOf(cells.cell.tolist(), k, labelled);
  const chosen: number[] = [];
  for (const isTurn of [(size: number) => size > SMALL, (size: number) => size <= SMALL]) {
    let waiting = clusters.filter(({ size }) => isTurn(size)).map(({ open }) => open);
    for (;;) {
      waiting = waiting.filter((open) => open.length > 0);
      if (waiting.length === 0) break;
      for (const open of waiting) {
        if (chosen.length === budget) return chosen;
        chosen.push(...open.splice(mostTypical(points, open), 1));
        await pause?.(chosen.length);
      }
    }
  }
  return chosen;
}

interface Cluster {
  size: number;
  /** Of its images those that have a label. */
  labels: number;
  /** The others. */
  open: number[];
}

/** Those with the fewest labels first, of these the largest. */
function clustersOf(cluster: readonly number[], k: number, labelled: readonly number[]): Cluster[] {
  const known = new Set(labelled);
  const clusters = Array.from({ length: k }, (): Cluster => ({ size: 0, labels: 0, open: [] }));
  for (const [index, at] of cluster.entries()) {
    const mine = clusters[at]!;
    mine.size++;
    if (known.has(index)) mine.labels++;
    else mine.open.push(index);
  }
  return clusters.sort((a, b) => a.labels - b.labels || b.size - a.size);
}

/**
 * @param points [N, d] of unit length
 * @param some which of them: all that count as neighbours of each other
 * @returns the place in `some` of the one whose mean distance to its nearest is the smallest
 */
export function mostTypical(points: Tensor, some: readonly number[]): number {
  const count = some.length;
  const neighbours = Math.min(NEIGHBOURS, Math.floor(count / 2));
  if (neighbours === 0) return 0;
  return torch.scope(() => {
    const own = points.indexSelect(0, indexTensor(some, points)); //                 [C, d]
    const rows = Math.max(1, Math.floor(BLOCK_BYTES / (4 * count)));
    const means: Tensor[] = [];
    for (let from = 0; from < count; from += rows) {
      means.push(
        torch.scope(() => {
          const block = own.narrow(0, from, Math.min(rows, count - from)).mm(own.t());
          block.diagonal({ offset: from }).fill_(-Infinity); // not itself
          const [near] = block.topk(neighbours, { dim: 1, sorted: false });
          return near.mul_(-2).add_(2).clampMin_(0).sqrt_().mean([1]);
        }),
      );
    }
    return torch.cat(means).argmin().item();
  });
}
