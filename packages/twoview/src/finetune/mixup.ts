/** @file Mixup: images and labels of a batch, mixed in pairs. Source: Zhang et al. 2018, arXiv 1710.09412. */
import type { Generator, Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Draw } from '../runs/random.js';

export interface Mixed {
  /** [N, 3, S, S] */
  x: Tensor;
  /** [N] int64: the label of the other image that was mixed in. */
  partner: Tensor;
  /** Share of the image itself. */
  share: number;
}

/**
 * The share is drawn once a batch from Beta(alpha, alpha), as in the paper's code.
 *
 * @param generator of the CPU, for the share @param draw on the device of x, for the pairs
 */
export function mixup(x: Tensor, y: Tensor, alpha: number, generator: Generator, draw: Draw): Mixed {
  return torch.scope(() => {
    const [a, b] = [gamma(alpha, generator), gamma(alpha, generator)];
    const share = a / (a + b);
    const order = draw('pairs', 1).squeeze(1).argsort();
    return { x: x.lerp(x.indexSelect(0, order), 1 - share), partner: y.indexSelect(0, order), share };
  });
}

const gamma = (alpha: number, generator: Generator): number =>
  (
    torch.unsafeOp(
      'aten::_standard_gamma',
      torch.full([1], alpha, { dtype: 'float64', device: 'cpu' }),
      generator,
    ) as Tensor
  ).hostValue();
