/**
 * @file Weighted kNN on representations: the k most similar training images vote, each with exp(similarity / temperature).
 * Source: Wu et al. 2018, arXiv 1805.01978, section 3.4; leftthomas/SimCLR uses the same with k = 200, temperature 0.5.
 */

import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { TwoviewError } from '../errors.js';
import { bankOf, type Neighbours, type SearchBy } from './knn-search.js';

export interface Vote {
  k: number;
  temperature: number;
  /** False lets every neighbour count the same. */
  weighted: boolean;
}

/** What repositories report: each has other neighbours and another temperature, so that figures are compared only with their like. */
export const REPORTED: readonly Vote[] = [10, 200].flatMap((k) =>
  [0.07, 0.1, 0.5].map((temperature) => ({ k, temperature, weighted: true })),
);

export interface KnnOptions extends Vote {
  numClasses: number;
  /** How neighbours are sought; they are the same. `auto` takes what is faster on this machine. */
  searchBy?: SearchBy | 'auto';
}

/** Similarities that are held at once. */
const BLOCK_BYTES = 64 << 20;

/**
 * @param bank [M, d] representations with known classes; need not have unit length
 * @param labels [M] int64; images with -1 have no vote
 * @param queries [N, d]
 * @returns [N, numClasses] votes, the largest being the prediction
 * @throws TwoviewError BATCH_TOO_LARGE when k is larger than the bank
 */
export function knn(
  bank: Tensor,
  labels: Tensor,
  queries: Tensor,
  { k, temperature, weighted, ...others }: KnnOptions,
): Tensor {
  return knnVotes(bank, labels, queries, [{ k, temperature, weighted }], others)[0]!;
}

/** As `knn`, for several settings with one search. @returns votes for each of them */
export function knnVotes(
  bank: Tensor,
  labels: Tensor,
  queries: Tensor,
  settings: readonly Vote[],
  { numClasses, searchBy = 'auto' }: Omit<KnnOptions, keyof Vote>,
): Tensor[] {
  using voters = torch.scope(() => labels.ge(0).nonzero().squeeze(1));
  const size = voters.numel();
  const whole = size === bank.shape[0]!;
  const most = Math.max(...settings.map(({ k }) => k));
  if (most > size) {
    throw new TwoviewError('BATCH_TOO_LARGE', {
      what: `kNN wants ${most} neighbours of ${size} labelled training images`,
      where: `k = ${most}`,
      next: [`--k ${Math.max(1, Math.floor(size / 20))}  suits a set of this size`],
    });
  }
  return torch.scope(() =>
    torch.noGrad(() => {
      const known = whole ? bank : bank.indexSelect(0, voters);
      const classes = whole ? labels : labels.indexSelect(0, voters);
      const keys = bankOf(torch.normalize(known.to('float32'), { dim: 1 }), searchBy);
      const unit = torch.normalize(queries.to('float32'), { dim: 1 });
      const rows = Math.max(1, Math.floor(BLOCK_BYTES / (4 * size)));
      const votes = settings.map(() => torch.zeros([unit.shape[0]!, numClasses], { device: unit.device }));
      for (let from = 0; from < unit.shape[0]!; from += rows) {
        torch.scope(() => {
          const count = Math.min(rows, unit.shape[0]! - from);
          const nearest = keys.nearest(unit.narrow(0, from, count), most);
          const { similarity, index } = settings.length === 1 ? nearest : inOrder(nearest);
          for (const [i, { k, temperature, weighted }] of settings.entries()) {
            const [near, at] = [similarity.narrow(1, 0, k), index.narrow(1, 0, k)];
            const weight = weighted ? near.div(temperature).exp_() : near.onesLike();
            votes[i]!.narrow(0, from, count).scatterAdd_(
              1,
              classes.indexSelect(0, at.flatten()).reshape([count, k]),
              weight,
            );
          }
        });
      }
      return votes;
    }),
  );
}

/** The most similar first, so that the first k are the k nearest. */
function inOrder({ similarity, index }: Neighbours): Neighbours {
  const [sorted, at] = similarity.sort({ dim: 1, descending: true });
  return { similarity: sorted, index: index.gather(1, at) };
}
