/**
 * @file Gaussian blur with a width of each image's own, as two products with banded matrices.
 * Source: torchvision's gaussian_blur (reflected borders), kernel of a tenth of the image as in SimCLR, appendix A.
 */

import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

/** Odd, and at least 3. */
export const blurKernelSize = (size: number): number => Math.max(3, Math.floor(size / 20) * 2 + 1);

/** @param x [3, N, S, S] @param sigma [N], 0 leaves the image as it is */
export function blur(x: Tensor, sigma: Tensor): Tensor {
  const size = x.shape[2]!;
  const matrix = blurMatrix(sigma, size, blurKernelSize(size)); // [N, S, S]
  return matrix.matmul(x).matmul(matrix.transpose(1, 2));
}

function blurMatrix(sigma: Tensor, size: number, kernel: number): Tensor {
  const half = (kernel - 1) / 2;
  const { device } = sigma;
  const offsets = torch.arange(kernel, { dtype: 'float32', device }).sub(half);
  const width = sigma.clampMin(1e-6).reshape([-1, 1]);
  const weights = offsets.div(width).pow(2).mul(-0.5).exp(); // [N, kernel]
  const normal = weights.div(weights.sum(1, { keepdim: true }));
  const moves = shifts(size, kernel, half, device).reshape([kernel, size * size]);
  return normal.matmul(moves).reshape([-1, size, size]);
}

/** [kernel, S, S]: shift k moves pixels by k - half, mirrored at the border without repeating it. */
function shifts(size: number, kernel: number, half: number, device: string): Tensor {
  const count = (n: number) => torch.arange(n, { device });
  const from = count(size)
    .reshape([1, -1])
    .add(count(kernel).sub(half).reshape([-1, 1]))
    .abs(); // [kernel, S]
  const last = 2 * (size - 1);
  const mirrored = torch.ops.minimum(from, from.neg().add(last));
  return mirrored.unsqueeze(2).eq(count(size)).to('float32');
}
