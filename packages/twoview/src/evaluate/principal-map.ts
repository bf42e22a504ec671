/** @file A map at once: the two directions in which representations differ most (principal components, Pearson 1901). */
import * as torch from '@twoview/torch';

/**
 * @param h [N, d] float32
 * @returns [N, 2], one after the other. Of the two signs that a component may have, its largest weight is positive.
 */
export function principalMap(h: torch.Tensor): Float32Array {
  return torch.scope(() => {
    const centred = h.sub(h.mean([0], true));
    const covariance = centred.t().mm(centred).to('float64'); //                        [d, d]
    const [, vectors] = torch.unsafeOp('aten::linalg_eigh', covariance, 'L') as [torch.Tensor, torch.Tensor];
    const d = h.shape[1]!;
    const two = vectors.narrow(1, Math.max(0, d - 2), Math.min(2, d)).flip([1]); //     [d, 2], the largest first
    const largest = two.abs().argmax(0, true);
    const signed = two.mul(two.gather(0, largest).sign()).to('float32');
    return (centred.mm(signed).contiguous().toTypedArray() as Float32Array).slice();
  });
}
