/** @file Which representations are nearest to each other. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

/**
 * @param h [N, d] representations
 * @param count rows of each list, itself among them
 * @returns for each row itself, then the nearest others, with their 1 - cosine similarity
 */
export function nearest(h: Tensor, count: number): { indices: number[][]; distances: number[][] } {
  return torch.scope(() => {
    const unit = torch.normalize(h.to({ device: 'cpu', dtype: 'float64' }), { dim: 1 });
    const others = torch.eye(unit.shape[0]!, { dtype: 'float64' }).neg().add(1);
    const distance = unit.mm(unit.t()).neg().add(1).clampMin(0).mul(others); //       exactly 0 from itself
    const columns = Math.min(count, unit.shape[0]!);
    const [values, index] = distance.add(others).topk(columns, { dim: 1, largest: false }); // itself before its doubles
    const rows = (list: number[]) =>
      Array.from({ length: unit.shape[0]! }, (_, i) => list.slice(i * columns, (i + 1) * columns));
    return { indices: rows(index.tolist()), distances: rows(values.sub(values.gt(0).to('float64')).tolist()) };
  });
}
