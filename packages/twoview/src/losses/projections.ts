/** @file What a loss asks of its inputs. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { TwoviewError } from '../errors.js';

/** @returns N @throws TwoviewError VIEWS_MISMATCH, TEMPERATURE_RANGE */
export function requireViews(zA: Tensor, zB: Tensor, temperature = 1): number {
  const [a, b] = [zA.shape, zB.shape];
  if (a.length !== 2 || String(a) !== String(b) || a[0]! < 2) {
    throw new TwoviewError('VIEWS_MISMATCH', {
      what: 'the two views must be projections of one shape [N, d] with N >= 2',
      where: `zA is [${a.join(', ')}], zB is [${b.join(', ')}]`,
      next: ['give row i of both the same image'],
    });
  }
  if (!(temperature > 0)) {
    throw new TwoviewError('TEMPERATURE_RANGE', {
      what: 'the temperature must be a positive number',
      where: `temperature = ${temperature}`,
      next: ['0.5 is the usual value for CIFAR-10, 0.1 for ImageNet'],
    });
  }
  return a[0]!;
}

/** Half precision is too coarse for logits of 1 / temperature. */
export function atLeastFloat32(z: Tensor): Tensor {
  return z.dtype === 'float64' || z.dtype === 'float32' ? z : z.to('float32');
}

/** [2N, d] of unit length: the first views of all images, then the second ones. @throws TwoviewError VIEWS_MISMATCH, TEMPERATURE_RANGE */
export function unitViews(zA: Tensor, zB: Tensor, temperature: number): Tensor {
  requireViews(zA, zB, temperature);
  return torch.normalize(atLeastFloat32(torch.cat([zA, zB])), { dim: 1 });
}
