/**
 * @file MaxHerding: the next image is the one that raises the coverage of all images most,
 *
 *   C(S) = 1/N sum_i max_{s in S} k(x_i, s),   k(x, y) = exp(-||x - y||^2 / h^2)   on representations of unit length, h = 1
 *
 * Source: Bae et al. 2024, arXiv 2407.12212, and their code (BorealisAI/uherding, deep-al/pycls/al), which has the kernel. The code leaves
 * all but 35,000 random images out of candidates and coverage; here all images count in the coverage, and candidates are a random part. It
 * holds the N x N kernel and computes every gain in every step. Here nothing is N x N: gains only fall as images are chosen (C is
 * submodular), so a gain of an earlier step is a bound, and only candidates whose bound is the largest are computed again (Minoux 1978).
 * The choice is the same.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { permutation } from '../data/indices.js';
import { Owned } from '../runs/owned.js';
import { indexTensor, ofUnitLength, requireBudget, type Selection } from './choice.js';

export interface MaxHerdingOptions {
  /** h. */
  bandwidth?: number;
  /** Images that may be chosen, a random part of all; every image counts in the coverage. More where the budget asks for more. */
  candidates?: number;
  /** Numbers of the kernel that are held at once. */
  block?: number;
}

/** Of 50,000 images: docs/benchmarks.md has the coverage that the best of these reach beside the best of all. */
const CANDIDATES = 8192;
/** Candidates for each image that is chosen, at least. */
const LEAST = 8;
/** Both sides of a product, and it, fit into a processor's cache. */
const BLOCK = 1 << 20;
/** Rows of a block, at most. */
const ROWS = 1024;
/** Gains that are computed again at once: few where the first of them decides, more for each time that they did not. */
const AGAIN = [32, 64, 128, 256];

/**
 * Greedy: for one set of candidates the first b of a longer list are the choice for budget b.
 *
 * @param features [N, d]
 * @param choice the seed draws candidates, where there are more images than candidates
 * @returns indices in the order of choice @throws TwoviewError BUDGET_TOO_LARGE
 */
export async function maxHerding(
  features: Tensor,
  choice: Selection,
  { bandwidth = 1, candidates = CANDIDATES, block = BLOCK }: MaxHerdingOptions = {},
): Promise<number[]> {
  const count = features.shape[0]!;
  requireBudget(count, choice);
  const { budget, seed, labelled = [], pause } = choice;
  const known = new Set(labelled);
  const open = candidatesOf(count, seed, Math.max(candidates, LEAST * (budget + known.size))).filter(
    (i) => !known.has(i),
  );
  using owned = new Owned();
  const kernel = owned.add(new Kernel(features, bandwidth, block));
  const covered = owned.add(torch.zeros([count], { device: features.device })); //         [N] max_{s in S} k(x_i, s)
  for (let from = 0; from < labelled.length; from += ROWS) cover(labelled.slice(from, from + ROWS));

  const bounds = owned.add(torch.zeros([open.length], { dtype: 'float64', device: features.device })); // N times the gain, or more
  for (let from = 0; from < open.length; from += ROWS) {
    compute(Array.from({ length: Math.min(ROWS, open.length - from) }, (_, i) => from + i));
    await pause?.();
  }
  const computedIn = new Int32Array(open.length); // the step
  const chosen: number[] = [];
  while (chosen.length < budget) {
    const place = largestGain(chosen.length);
    chosen.push(open[place]!);
    exclude(place);
    cover([open[place]!]);
    await pause?.(chosen.length);
  }
  return chosen;

  function largestGain(step: number): number {
    for (let attempt = 0; ; attempt++) {
      const most = Math.min(AGAIN[attempt] ?? AGAIN.at(-1)!, open.length - step);
      const top: number[] = torch.scope(() => bounds.topk(most)[1].tolist());
      const stale = top.filter((place) => computedIn[place] !== step);
      if (stale[0] !== top[0]) return top[0]!;
      compute(stale);
      for (const place of stale) computedIn[place] = step;
    }
  }

  function compute(places: readonly number[]): void {
    torch.scope(() => {
      const rows = kernel.at(places.map((place) => open[place]!)); //                      [P, d]
      const gains = torch.zeros([places.length], { dtype: 'float64', device: features.device });
      kernel.ofAll(rows, (similarity, from, columns) => {
        gains.add_(
          similarity
            .sub_(covered.narrow(0, from, columns))
            .clampMin_(0)
            .sum(1),
        );
      });
      bounds.indexCopy_(0, indexTensor(places, bounds), gains);
    });
  }

  function exclude(place: number): void {
    torch.scope(() => {
      bounds.narrow(0, place, 1).fill_(-Infinity);
    });
  }

  function cover(indices: readonly number[]): void {
    torch.scope(() => {
      const rows = kernel.at(indices);
      kernel.ofAll(rows, (similarity, from, columns) => {
        const here = covered.narrow(0, from, columns);
        here.copy_(here.maximum(similarity.amax([0])));
      });
    });
  }
}

/** Of all, those with a label among them: what was chosen in an earlier turn was one of the same candidates. */
function candidatesOf(count: number, seed: number, most: number): number[] {
  if (most >= count) return Array.from({ length: count }, (_, i) => i);
  return permutation(count, seed, 'select candidates').slice(0, most);
}

/**
 * k of points by a product of matrices: ||x - y||^2 = 2 - 2 x y for x and y of unit length. Powers of two take a fifth of the time that
 * powers of e take in libtorch 2.11 (AMD EPYC with AVX512).
 */
class Kernel {
  readonly #points: Tensor; // [N, d], scaled so that products of rows are 2 x y log2(e) / h^2
  readonly #offset: number;
  readonly #block: number;

  constructor(features: Tensor, bandwidth: number, block: number) {
    this.#offset = (2 * Math.LOG2E) / bandwidth ** 2;
    this.#points = ofUnitLength(features).mul_(Math.sqrt(this.#offset));
    this.#block = block;
  }

  at(indices: readonly number[]): Tensor {
    return this.#points.indexSelect(0, indexTensor(indices, this.#points));
  }

  /** @param rows [P, d] of these points @param visit is given k of them and points from, from + 1, ...: [P, columns], block by block */
  ofAll(rows: Tensor, visit: (similarity: Tensor, from: number, columns: number) => void): void {
    const count = this.#points.shape[0]!;
    const width = Math.max(1, Math.floor(this.#block / rows.shape[0]!));
    for (let from = 0; from < count; from += width) {
      torch.scope(() => {
        const columns = Math.min(width, count - from);
        visit(
          rows
            .mm(this.#points.narrow(0, from, columns).t())
            .sub_(this.#offset)
            .exp2_(),
          from,
          columns,
        );
      });
    }
  }

  dispose(): void {
    this.#points.dispose();
  }
}
