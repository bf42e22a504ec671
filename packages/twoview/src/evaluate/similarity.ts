/** @file How similar views are: those of one image (positive pairs) and those of different images (negative pairs). */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

/** Bins from -1 to 1. */
export const SIMILARITY_BINS = 50;

export interface Similarities {
  /** Shares of the pairs by cosine similarity, in {@link SIMILARITY_BINS} equal bins from -1 to 1; they sum to 1. */
  positive: number[];
  negative: number[];
  positiveMean: number;
  negativeMean: number;
}

/** @param z [2N, p] projections; rows 2i and 2i + 1 are the views of image i */
export function similarities(z: Tensor): Similarities {
  return torch.scope(() => {
    const unit = torch.normalize(z.to({ device: 'cpu', dtype: 'float64' }), { dim: 1 });
    const count = unit.shape[0]!;
    const all = unit.mm(unit.t());
    const image = torch.arange(count, { dtype: 'int64' }).div(2, { roundingMode: 'floor' });
    const same = image.reshape([-1, 1]).eq(image.reshape([1, -1]));
    const above = torch.ones([count, count], { dtype: 'bool' }).triu(1); // each pair once, no view with itself
    const positive = all.maskedSelect(same.logicalAnd(above));
    const negative = all.maskedSelect(same.logicalNot().logicalAnd(above));
    return {
      positive: sharesByBin(positive),
      negative: sharesByBin(negative),
      positiveMean: positive.mean().item(),
      negativeMean: negative.mean().item(),
    };
  });
}

function sharesByBin(values: Tensor): number[] {
  const counts = values.clamp(-1, 1).histc({ bins: SIMILARITY_BINS, min: -1, max: 1 });
  return counts.div(values.numel()).tolist();
}
