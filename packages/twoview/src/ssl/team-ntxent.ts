/**
 * @file NT-Xent over the batches of all processes: each computes the rows of its own views, among the views of all. The mean over
 * the processes is `ntXent` of the whole batch, and so are its gradients: gathering carries them back to where a row came from.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { ntXentRows } from './ntxent-rows.js';
import { atLeastFloat32 } from './projections.js';

/**
 * @param z [2n, p] projections of this process's views, two of each image one after the other; n is the same everywhere
 * @returns [] float32, the mean over the 2n rows of this process
 */
export function teamNtXent(
  z: Tensor,
  { temperature, group }: { temperature: number; group: torch.distributed.ProcessGroup },
): Tensor {
  const mine = z.shape[0]!;
  const unit = torch.normalize(atLeastFloat32(z), { dim: 1 });
  const all = firstThenSecond(group.allGather(unit)); // [2N, p]
  const [first, second] = ownRows(all.shape[0]!, mine, group.rank).map((rows) =>
    ntXentRows(all, { ...rows, temperature }),
  );
  return first!.add(second!).div(mine);
}

/** [2N, p], two views of each image one after the other -> the first views of all images, then the second ones. */
export const firstThenSecond = (z: Tensor): Tensor =>
  torch.cat(torch.ops.unbind(z.reshape([z.shape[0]! / 2, 2, -1]), 1));

/** Where the `mine` views of a process stand among all `views`: its first views, and its second ones. */
export const ownRows = (views: number, mine: number, rank: number): { from: number; count: number }[] =>
  [0, views / 2].map((half) => ({ from: half + (rank * mine) / 2, count: mine / 2 }));
