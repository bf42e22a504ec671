/**
 * @file A loss over the batches of all processes. Where it is a mean over views each process computes those of its own images, among
 * the views of all; otherwise each computes the whole. The mean over the processes is the loss of the whole batch, and so are its
 * gradients: gathering carries them back to where a row came from.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Loss, Rows } from '../losses/loss.js';
import { atLeastFloat32 } from '../losses/projections.js';

export interface Batch {
  /** [2n, d] projections of this process's views, two of each image one after the other; n is the same everywhere. */
  z: Tensor;
  /** [n] int64 of this process's images; null where the loss asks for none. */
  labels: Tensor | null;
}

/** @returns [] at least float32, of the views of this process */
export function sharedLoss(loss: Loss, { z, labels }: Batch, group: torch.distributed.ProcessGroup): Tensor {
  const everyone = labels === null ? null : group.allGather(labels);
  if (loss.rows === undefined) return wholeLoss(loss, { z: group.allGather(z), labels: everyone });
  const { rows } = loss;
  const mine = z.shape[0]!;
  const all = firstThenSecond(group.allGather(torch.normalize(atLeastFloat32(z), { dim: 1 }))); // [2N, d]
  const [first, second] = ownRows(all.shape[0]!, mine, group.rank).map((own) => rows(all, own, twice(everyone)));
  return first!.add(second!).div(mine);
}

/** Of a batch that is all here. */
export function wholeLoss(loss: Loss, { z, labels }: Batch): Tensor {
  const [zA, zB] = viewsOf(z);
  return loss.of(zA, zB, labels);
}

/** [2N], as views are ordered by `firstThenSecond`. */
export const twice = (labels: Tensor | null): Tensor | null => (labels === null ? null : torch.cat([labels, labels]));

/** [2N, d], two views of each image one after the other -> the first views of all images, then the second ones. */
export const firstThenSecond = (z: Tensor): Tensor => torch.cat(viewsOf(z));

/** [2N, d], two views of each image one after the other -> [N, d] of the first views, and of the second ones. */
export const viewsOf = (z: Tensor): [zA: Tensor, zB: Tensor] =>
  torch.ops.unbind(z.reshape([z.shape[0]! / 2, 2, -1]), 1) as [Tensor, Tensor];

/** Where the `mine` views of a process stand among all `views`: its first views, and its second ones. */
export const ownRows = (views: number, mine: number, rank: number): Rows[] =>
  [0, views / 2].map((half) => ({ from: half + (rank * mine) / 2, count: mine / 2 }));
