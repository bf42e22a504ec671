/** @file The directions in which representations differ most (principal components, Pearson 1901), and a map at once by two of them. */
import * as torch from '@twoview/torch';

/**
 * @param h [N, d] float32
 * @returns [d, count] float32: the directions with the largest sums of squares, the largest first; fewer where d is smaller
 */
export function leadingDirections(h: torch.Tensor, count: number): torch.Tensor {
  return torch.scope(() => {
    const products = h.t().mm(h).to('float64'); //                                      [d, d]
    const [, vectors] = torch.unsafeOp('aten::linalg_eigh', products, 'L') as [torch.Tensor, torch.Tensor];
    const d = h.shape[1]!;
    return vectors
      .narrow(1, Math.max(0, d - count), Math.min(count, d))
      .flip([1])
      .to('float32');
  });
}

/**
 * @param h [N, d] float32
 * @returns [N, 2], one after the other. Of the two signs that a component may have, its largest weight is positive.
 */
export function principalMap(h: torch.Tensor): Float32Array {
  return torch.scope(() => {
    const centred = h.sub(h.mean([0], true));
    const two = leadingDirections(centred, 2); //                                       [d, 2]
    const largest = two.abs().argmax(0, true);
    const signed = two.mul(two.gather(0, largest).sign());
    return (centred.mm(signed).contiguous().toTypedArray() as Float32Array).slice();
  });
}
