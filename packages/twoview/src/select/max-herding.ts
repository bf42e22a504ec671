/**
 * @file MaxHerding: the next image is the one that raises the coverage of all images most,
 *
 *   C(S) = 1/N sum_i max_{s in S} k(x_i, s),   k(x, y) = exp(-||x - y||^2 / h^2)   on representations of unit length, h = 1
 *
 * Source: Bae et al. 2024, arXiv 2407.12212, equations 5 and 7, and the kernel of their code (BorealisAI/uherding). They hold the N x N
 * kernel and compute every gain in every step. Here nothing is N x N: gains only fall as images are chosen (C is submodular), so that a
 * gain of an earlier step is a bound, and only images whose bound is the largest are computed again (Minoux 1978). The choice is the same.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { Owned } from '../runs/owned.js';
import { type Choice, indexTensor, ofUnitLength, requireBudget } from './choice.js';

/** Sides of the blocks of the kernel: both of a product's sides, and it, fit into a processor's cache. */
const TILE = 1024;
/** Gains that are computed again at once: few where the first of them decides, more for each time that they did not. */
const AGAIN = [32, 64, 128, 256];

/**
 * Greedy: the first b of a longer list are the choice for budget b. Nothing is drawn, so the seed plays no part.
 *
 * @param features [N, d]
 * @returns indices in the order of choice @throws TwoviewError BUDGET_TOO_LARGE
 */
export async function maxHerding(
  features: Tensor,
  choice: Choice,
  { bandwidth = 1, tile = TILE }: { bandwidth?: number; tile?: number } = {},
): Promise<number[]> {
  const count = features.shape[0]!;
  requireBudget(count, choice);
  const { budget, labelled = [], pause } = choice;
  using owned = new Owned();
  const kernel = owned.add(new Kernel(features, bandwidth, tile));
  const covered = owned.add(torch.zeros([count], { device: features.device })); //  [N] max_{s in S} k(x_i, s)
  const cover = (indices: readonly number[]) =>
    torch.scope(() => {
      const rows = kernel.at(indices);
      for (const part of kernel.parts) {
        const here = covered.narrow(0, part.from, part.count);
        here.copy_(here.maximum(kernel.between(rows, part.points).amax([0])));
      }
    });
  for (let from = 0; from < labelled.length; from += tile) cover(labelled.slice(from, from + tile));

  const bounds = owned.add(await allGains(kernel, covered, pause)); //              [N] N times the gain, or more
  const knownIn = new Int32Array(count); // the step in which the gain of each was computed
  const isChosen = new Set(labelled);
  const take = (index: number) => {
    isChosen.add(index);
    torch.scope(() => {
      bounds.narrow(0, index, 1).fill_(-Infinity);
    });
  };
  for (const index of labelled) take(index);
  const chosen: number[] = [];
  while (chosen.length < budget) {
    const best = largestGain(chosen.length);
    chosen.push(best);
    take(best);
    cover([best]);
    await pause?.(chosen.length);
  }
  return chosen;

  function largestGain(step: number): number {
    for (let attempt = 0; ; attempt++) {
      const most = Math.min(AGAIN[attempt] ?? AGAIN.at(-1)!, count - isChosen.size);
      const top: number[] = torch.scope(() => bounds.topk(most)[1].tolist());
      const stale = top.filter((index) => knownIn[index] !== step);
      if (stale[0] !== top[0]) return top[0]!;
      again(stale);
      for (const index of stale) knownIn[index] = step;
    }
  }

  function again(indices: readonly number[]): void {
    torch.scope(() => {
      const rows = kernel.at(indices);
      const gains = torch.zeros([indices.length], { dtype: 'float64', device: features.device });
      for (const part of kernel.parts) {
        const here = covered.narrow(0, part.from, part.count);
        gains.add_(kernel.between(rows, part.points).sub_(here).clampMin_(0).sum(1));
      }
      bounds.indexCopy_(0, indexTensor(indices, bounds), gains);
    });
  }
}

/** Of every image alone. The kernel is symmetric: a block of it serves its rows and its columns. @returns [N] float64, N times the gain */
async function allGains(kernel: Kernel, covered: Tensor, pause: Choice['pause']): Promise<Tensor> {
  const { parts } = kernel;
  const gains = torch.zeros([kernel.count], { dtype: 'float64', device: covered.device });
  const of = (x: Tensor, part: Part) => x.narrow(0, part.from, part.count);
  try {
    for (const [i, rows] of parts.entries()) {
      for (const columns of parts.slice(i)) {
        torch.scope(() => {
          const block = kernel.between(rows.points, columns.points);
          of(gains, rows).add_(block.sub(of(covered, columns)).clampMin_(0).sum(1));
          if (rows !== columns) of(gains, columns).add_(block.sub_(of(covered, rows).unsqueeze(1)).clampMin_(0).sum(0));
        });
      }
      await pause?.();
    }
    return gains;
  } catch (error) {
    gains.dispose();
    throw error;
  }
}

interface Part {
  from: number;
  count: number;
  points: Tensor;
}

/** k of points by a product of matrices: ||x - y||^2 = 2 - 2 x y for x and y of unit length. */
class Kernel {
  readonly count: number;
  /** All points, a block each. */
  readonly parts: readonly Part[];
  readonly #points: Tensor; // [N, d], scaled so that products of rows are 2 x y / h^2
  readonly #offset: number;

  constructor(features: Tensor, bandwidth: number, tile: number) {
    this.count = features.shape[0]!;
    this.#offset = 2 / bandwidth ** 2;
    this.#points = ofUnitLength(features).mul_(Math.sqrt(this.#offset));
    const starts = Array.from({ length: Math.ceil(this.count / tile) }, (_, i) => i * tile);
    this.parts = starts.map((from) => {
      const count = Math.min(tile, this.count - from);
      return { from, count, points: this.#points.narrow(0, from, count) };
    });
  }

  at(indices: readonly number[]): Tensor {
    return this.#points.indexSelect(0, indexTensor(indices, this.#points));
  }

  /** @param a [A, d] @param b [B, d] of these points @returns [A, B] */
  between(a: Tensor, b: Tensor): Tensor {
    return a.mm(b.t()).sub_(this.#offset).exp_();
  }

  dispose(): void {
    for (const { points } of this.parts) points.dispose();
    this.#points.dispose();
  }
}
