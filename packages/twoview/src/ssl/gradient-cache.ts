/**
 * @file A loss over a batch that does not fit in memory, and its exact gradients. Source: Gao et al. 2021, arXiv 2101.06983.
 *
 * The loss needs the projections of all views at once, which are small; what is large are the activations behind them. So the
 * projections are computed part by part without keeping activations, the loss gives the gradient of each projection, and then
 * each part is computed again, with activations, to carry its gradient on to the weights. Twice the forward passes; memory for
 * one part. Batch normalisation sees one part at a time, as it would on separate devices.
 */

import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Loss, Rows } from '../losses/loss.js';
import { atLeastFloat32 } from '../losses/projections.js';
import { Team } from '../runs/team.js';
import type { BatchViews } from './batch-views.js';
import type { Forward } from './forward-pass.js';
import { type Batch, firstThenSecond, ownRows, twice, wholeLoss } from './shared-loss.js';
import { untracked } from './untracked.js';

export interface CacheOptions {
  /** Images in memory at once, a divisor of this process's. */
  microBatch: number;
  loss: Loss;
  /** [M] int64 of this process's images; null where the loss asks for none. */
  labels?: Tensor | null;
  /** Their batch normalisation must not count the first of the two passes. */
  networks: readonly torch.nn.Module[];
  /** Those whose batches are one. */
  team?: Team;
}

/**
 * Adds the gradients of the loss to those of the weights.
 *
 * @param through [2M, 3, S, S] views, two of each image one after the other, to [2M, p] projections and back
 * @returns [] the loss of this process's views: its mean over the processes is that of the batch
 */
export function cachedLoss(
  batch: BatchViews,
  through: Forward,
  { microBatch, loss, labels = null, networks, team = Team.alone }: CacheOptions,
): Tensor {
  const starts = Array.from({ length: batch.images / microBatch }, (_, i) => i * microBatch);
  const projected = (from: number) =>
    untracked(networks, () => torch.scope(() => torch.noGrad(() => through(batch.make(from, microBatch)).z)));
  // A single part can wait for its gradient.
  const only = starts.length === 1 ? through(batch.make()) : null;
  const z = only?.z ?? torch.cat(starts.map(projected)); //           [2N, p]
  const { value, gradient } = torch.scope(() => gradientOf(loss, { z: z.detach(), labels }, team)); // [2N, p]
  if (only !== null) only.backward(gradient);
  else {
    for (const from of starts) {
      torch.scope(() => {
        through(batch.make(from, microBatch)).backward(gradient.narrow(0, 2 * from, 2 * microBatch));
      });
    }
  }
  team.sumGradients(networks.flatMap((network) => network.parameters()));
  return value;
}

/** Similarities that are held at once. */
const BLOCK_BYTES = 16 << 20;

/**
 * Losses that are means over views are computed block by block: all similarities of 8,192 views would take a quarter of a gigabyte,
 * several times over.
 *
 * @returns the loss of this process's views, and the gradient of the batch's loss by z
 */
function gradientOf(loss: Loss, { z, labels }: Batch, team: Team): { value: Tensor; gradient: Tensor } {
  const mine = z.shape[0]!;
  const all = team.group === null ? z : team.group.allGather(z);
  const everyone = labels === null || team.group === null ? labels : team.group.allGather(labels);
  all.requiresGrad = true;
  const own = (gradient: Tensor) => gradient.narrow(0, team.rank * mine, mine);
  if (loss.rows === undefined) {
    const value = wholeLoss(loss, { z: all, labels: everyone });
    value.backward();
    return { value: value.detach(), gradient: own(all.grad!) };
  }
  const unit = torch.normalize(atLeastFloat32(firstThenSecond(all)), { dim: 1 });
  const leaf = unit.detach();
  leaf.requiresGrad = true;
  const views = all.shape[0]!;
  const sum = torch.zeros([], { device: z.device, dtype: 'float64' });
  for (const block of ownRows(views, mine, team.rank).flatMap((rows) => blocksOf(rows, views))) {
    torch.scope(() => {
      const part = loss.rows!(leaf, block, twice(everyone)).div(views);
      part.backward();
      torch.noGrad(() => sum.add_(part));
    });
  }
  unit.backward(leaf.grad!);
  team.group?.allReduce_(all.grad!);
  return { value: sum.mul(team.size), gradient: own(all.grad!) };
}

function blocksOf({ from, count }: Rows, views: number): Rows[] {
  const most = Math.max(1, Math.floor(BLOCK_BYTES / (4 * views)));
  return Array.from({ length: Math.ceil(count / most) }, (_, i) => ({
    from: from + i * most,
    count: Math.min(most, count - i * most),
  }));
}
