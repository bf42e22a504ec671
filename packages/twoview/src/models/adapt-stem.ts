/** @file The first convolution of an ImageNet network for small images. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

/** The first convolution by torchvision's and by timm's key. */
const FIRST = /^(conv1|stem\.conv)\.weight$/;

/** Whether `given` is the first convolution of `own`, with a larger kernel. */
export const canAdapt = (key: string, given: Tensor, own: Tensor): boolean =>
  FIRST.test(key) &&
  given.shape.length === 4 &&
  own.shape.length === 4 &&
  given.shape[0] === own.shape[0] &&
  given.shape[1] === own.shape[1] &&
  given.shape[2]! > own.shape[2]!;

/**
 * A kernel [out, in, k, k] on fewer cells: both are drawn at one size, and each cell of the large one gives its weight to the
 * cells of the small one in proportion to what they share. The sum stays, so that flat parts of an image answer as before.
 */
export function shrinkKernel(weight: Tensor, size: number): Tensor {
  const k = weight.shape[2]!;
  const overlap = (i: number, j: number) =>
    Math.max(0, Math.min((i + 1) / size, (j + 1) / k) - Math.max(i / size, j / k));
  const shares = Array.from({ length: size }, (_, i) => Array.from({ length: k }, (_, j) => overlap(i, j) * k));
  return torch.scope(() => {
    const matrix = torch.tensor(shares.flat(), { dtype: weight.dtype }).reshape([size, k]);
    return matrix.matmul(weight).matmul(matrix.t());
  });
}
