/**
 * @file Is the representation alive? Alignment (partners near), uniformity (spread over the sphere) and effective rank
 * (dimensions in use). Sources: Wang and Isola 2020, arXiv 2005.10242; Roy and Vetterli 2007 (effective rank).
 */

import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

export interface Health {
  /** Mean squared distance of the two views' unit projections; 0 when they coincide. */
  alignment: number;
  /** Log of the mean of exp(-2 d^2) over pairs of views; 0 when collapsed, lower is better spread. */
  uniformity: number;
  /** exp of the entropy of the normalised singular values of the centred h; between 1 and d. */
  effectiveRank: number;
}

/** @param h [2N, d] representations @param z [2N, p] projections; rows 2i and 2i + 1 are views of image i */
export function health(h: Tensor, z: Tensor): Health {
  return torch.scope(() =>
    torch.noGrad(() => {
      const unit = torch.normalize(z.to('float64'), { dim: 1 });
      const [a, b] = torch.ops.unbind(unit.reshape([-1, 2, unit.shape[1]!]), 1) as [Tensor, Tensor];
      const alignment = a.sub(b).pow(2).sum(1).mean().item();
      const uniformity = torch.ops.pdist(unit).pow(2).mul(-2).exp().mean().log().item();
      return { alignment, uniformity, effectiveRank: effectiveRank(h) };
    }),
  );
}

/** @param h [N, d] @returns NaN where h is not finite */
export function effectiveRank(h: Tensor): number {
  return torch.scope(() => {
    const centred = h.to('float64').sub(h.to('float64').mean([0], { keepdim: true }));
    if (!Number.isFinite(centred.norm().item())) return Number.NaN; // it has no singular values
    const singular = torch.ops.linalgSvdvals(centred);
    const share = singular.div(singular.sum());
    return share.mul(share.clampMin(1e-300).log()).sum().neg().exp().item();
  });
}
