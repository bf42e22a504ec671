/** @file Some rows of NT-Xent: what one process, or one block, has to compute of it. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

/**
 * The sum of l(i, partner of i) over the views i = from ... from + count - 1; over all rows and divided by 2N it is `ntXent`.
 *
 * @param unit [2N, d] float32 projections of unit length: the first views of all images, then the second ones
 * @returns [] float32
 */
export function ntXentRows(
  unit: Tensor,
  { from, count, temperature }: { from: number; count: number; temperature: number },
): Tensor {
  const views = unit.shape[0]!;
  const { device } = unit;
  const index = torch.arange(from, from + count, { device }); //                       [count]
  const self = torch.arange(views, { device }).eq(index.unsqueeze(1)); //              [count, 2N]
  const sim = unit.narrow(0, from, count).matmul(unit.t()).div(temperature).maskedFill(self, -Infinity);
  const partner = index.add(views / 2).remainder(views); //                            [count]
  return torch.crossEntropy(sim, partner, { reduction: 'sum' });
}
