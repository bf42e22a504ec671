/** @file Gradients kept from growing too large. Source: torch/nn/utils/clip_grad.py. */
import { noGrad } from '../autograd.js';
import { ops } from '../dispatch/methods.js';
import { TorchError } from '../error.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';

const gradientsOf = (parameters: Iterable<Tensor>): Tensor[] =>
  Array.from(parameters, (parameter) => parameter.grad).filter((gradient) => gradient !== null);

/**
 * Scales all gradients so that their norm, as if they were one vector, is at most `maxNorm`. Call it between `backward` and `step`.
 *
 * @param normType 2 by default; Infinity takes the largest element
 * @returns the norm before
 * @throws TorchError ARGUMENT with errorIfNonfinite, where the norm is not finite; nothing is scaled then
 */
export function clipGradNorm_(
  parameters: Iterable<Tensor>,
  maxNorm: number,
  { normType = 2, errorIfNonfinite = false }: { normType?: number; errorIfNonfinite?: boolean } = {},
): number {
  return scope(() =>
    noGrad(() => {
      const gradients = gradientsOf(parameters);
      if (gradients.length === 0) return 0;
      const norms = ops._foreachNorm(gradients, normType);
      const total = ops.stack(norms).norm(normType, [0]);
      const value = total.item();
      if (errorIfNonfinite && !Number.isFinite(value)) {
        throw new TorchError('ARGUMENT', `the norm of the gradients is ${value}`, {
          next: ['find the step that made it, or leave errorIfNonfinite out'],
        });
      }
      ops._foreachMul_(gradients, total.add(1e-6).reciprocal().mul(maxNorm).clampMax(1));
      return value;
    }),
  );
}

/** Brings every element of every gradient into [-value, value]. */
export function clipGradValue_(parameters: Iterable<Tensor>, value: number): void {
  scope(() =>
    noGrad(() => {
      const gradients = gradientsOf(parameters);
      if (gradients.length === 0) return;
      ops._foreachClampMin_(gradients, -value);
      ops._foreachClampMax_(gradients, value);
    }),
  );
}
