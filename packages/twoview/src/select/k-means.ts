/**
 * @file k-means: Lloyd's algorithm from centres drawn by k-means++. Source: Lloyd 1982; Arthur & Vassilvitskii 2007. scikit-learn's KMeans
 * does the same, but takes the best of several candidates for each first centre.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { Owned } from '../runs/owned.js';
import { streamKey, uniform } from '../runs/random.js';
import { indexTensor, type Selection } from './choice.js';

/** Distances that are held at once. */
const BLOCK_BYTES = 16 << 20;
const MOST_ROUNDS = 100;
/** Clusters are found when no larger share of the points than this goes to another one. */
const STILL = 1e-3;
/** Centres that are drawn between two pauses. */
const TOGETHER = 16;

export interface Cells extends Disposable {
  /** [N] int64: the nearest of k centres, the first one of equally near ones. */
  cell: Tensor;
  /** [N] squared distance from it. */
  distance: Tensor;
}

/**
 * @param points [N, d] float32 of unit length
 * @param k clusters, at most N
 * @param fixed points that are the centres of clusters 0 to fixed.length - 1 and stay so
 * @returns the clusters; where many points coincide, some of them may be empty
 */
export async function kMeans(
  points: Tensor,
  k: number,
  { seed, fixed = [], pause }: Pick<Selection, 'seed' | 'pause'> & { fixed?: readonly number[] },
): Promise<Cells> {
  const first = await farApart(points, k, { seed, fixed, pause });
  using centres = torch.scope(() => points.indexSelect(0, indexTensor(first, points))); //  [k, d]
  let cells = nearestOf(points, centres);
  try {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      moveToMeans(centres, points, cells, fixed.length);
      using before = cells;
      cells = nearestOf(points, centres);
      if (torch.scope(() => cells.cell.ne(before.cell).sum().item()) <= STILL * points.shape[0]!) break;
      await pause?.();
    }
    return cells;
  } catch (error) {
    cells[Symbol.dispose]();
    throw error;
  }
}

/** @param centres [k, d] */
export function nearestOf(points: Tensor, centres: Tensor): Cells {
  const [count, k] = [points.shape[0]!, centres.shape[0]!];
  const { device } = points;
  const cell = torch.empty([count], { dtype: 'int64', device });
  const distance = torch.empty([count], { device });
  const rows = Math.max(1, Math.floor(BLOCK_BYTES / (4 * k)));
  torch.scope(() => {
    const lengths = centres.square().sum([1]);
    for (let from = 0; from < count; from += rows) {
      torch.scope(() => {
        const size = Math.min(rows, count - from);
        const products = points.narrow(0, from, size).mm(centres.t());
        const [least, at] = products.mul_(-2).add_(lengths).min(1); // |x - c|^2 - |x|^2
        cell.narrow(0, from, size).copy_(at);
        distance.narrow(0, from, size).copy_(least.add_(1));
      });
    }
  });
  return {
    cell,
    distance,
    [Symbol.dispose]() {
      cell.dispose();
      distance.dispose();
    },
  };
}

/** Centres without a point go to the points that are farthest from theirs. */
function moveToMeans(centres: Tensor, points: Tensor, { cell, distance }: Cells, fixed: number): void {
  torch.scope(() => {
    const k = centres.shape[0]!;
    const sizes = cell.bincount({ minlength: k });
    const means = centres.zerosLike().indexAdd_(0, cell, points).div_(sizes.clampMin(1).unsqueeze(1));
    const empty = sizes.eq(0).nonzero().squeeze(1);
    if (empty.numel() > 0) {
      means.indexCopy_(0, empty, points.indexSelect(0, distance.topk(empty.numel())[1]));
    }
    const moving = (x: Tensor) => x.narrow(0, fixed, k - fixed);
    moving(centres).copy_(moving(means));
  });
}

/** k-means++: each next point with a probability in proportion to its squared distance from those before. @returns k indices */
export async function farApart(
  points: Tensor,
  k: number,
  { seed, fixed, pause }: Pick<Selection, 'seed' | 'pause'> & { fixed: readonly number[] },
): Promise<number[]> {
  const count = points.shape[0]!;
  const chosen = [...fixed];
  const isChosen = new Set(fixed);
  using owned = new Owned();
  const distance = owned.add(torch.full([count], 4, { device: points.device })); // the largest there is, so alike at first
  const away = (index: number) =>
    torch.scope(() => {
      const from = points.mv(points.select(0, index)).mul_(-2).add_(2).clampMin_(0);
      distance.copy_(distance.minimum(from));
      distance.narrow(0, index, 1).fill_(0); // and not what rounding leaves
    });
  for (const index of fixed) away(index);
  const drawn = torch.scope(() => uniform(streamKey(seed, 'k-means', 0), 0, k).tolist());
  while (chosen.length < k) {
    const index = torch.scope(() => {
      const sums = distance.to('float64').cumsum(0);
      const all = sums.select(0, count - 1).item();
      if (all === 0) return firstOther(isChosen);
      return sums.searchsorted(drawn[chosen.length]! * all, { right: true }).item();
    });
    chosen.push(index);
    isChosen.add(index);
    away(index);
    if (chosen.length % TOGETHER === 0) await pause?.();
  }
  return chosen;
}

function firstOther(taken: ReadonlySet<number>): number {
  for (let index = 0; ; index++) if (!taken.has(index)) return index;
}
