/** @file A step that does not hold all its activations: by micro-batches, or computing activations a second time. */
import type { Tensor } from '@twoview/torch';
import { TwoviewError } from '../errors.js';
import { requirePart } from '../models/own-network.js';
import type { Batch } from './batches.js';
import { checkpointActivations, keepActivations } from './forward-pass.js';
import { cachedLoss } from './gradient-cache.js';
import type { Pretraining } from './pretraining.js';

/**
 * @param project views to projections
 * @returns what adds the gradients of a batch's loss to those of the weights, and returns the loss; null where all activations are kept
 * @throws TwoviewError CONFIG_INVALID where a batch cannot be cut into such parts, or a network has no segments
 */
export function gradientsInParts(
  { config, team, encoder, head, compute, loss }: Pretraining,
  project: (views: Tensor) => Tensor,
): ((batch: Batch) => Tensor) | null {
  const { microBatch, recompute, batchSize } = config;
  const { count: own } = team.part(batchSize);
  if (microBatch > 0 && own % microBatch !== 0) throw noDivisor(own, microBatch);
  if (microBatch === 0 && !recompute) return null;
  if (recompute) requirePart(encoder, 'segments', '--recompute');
  const networks = [encoder, head];
  const segments = [...encoder.segments(), (h: Tensor) => head.forward(h)];
  const through = recompute
    ? checkpointActivations(
        segments.map((segment) => (x: Tensor) => compute.run(() => segment(x))),
        networks,
      )
    : keepActivations(project);
  return ({ views, labels }) =>
    cachedLoss(views, through, { microBatch: microBatch || own, loss, labels, networks, team });
}

function noDivisor(images: number, microBatch: number): TwoviewError {
  const divisors = Array.from({ length: images }, (_, i) => i + 1).filter((one) => images % one === 0);
  const near = divisors.findLast((one) => one > 1 && one <= microBatch) ?? images;
  return new TwoviewError('CONFIG_INVALID', {
    what: `a batch of ${images} images cannot be cut into equal parts of ${microBatch}`,
    where: `--micro-batch ${microBatch}`,
    next: [`--micro-batch ${near}  divides it`],
  });
}
