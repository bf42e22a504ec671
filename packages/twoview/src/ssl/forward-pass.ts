/**
 * @file Views to projections, and gradients of projections back to the weights: at once, with all activations kept, or segment by
 * segment, with those of one segment. Source of the second: Chen et al. 2016, arXiv 1604.06174, "Training Deep Nets with Sublinear
 * Memory Cost".
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { untracked } from './untracked.js';

export interface ForwardPass {
  /** [2N, p] projections; in no graph that leads back to the weights. */
  z: Tensor;
  /** Adds what this gradient of z means for the weights to their gradients; once. */
  backward(gradient: Tensor): void;
}

/** [2N, 3, S, S] views -> a passage, which lives as long as the scope around. */
export type Forward = (views: Tensor) => ForwardPass;

/** @param project views to projections */
export const keepActivations =
  (project: (views: Tensor) => Tensor): Forward =>
  (views) => {
    const z = torch.scope(() => project(views)); // what the backward pass does not need is free
    return { z: z.detach(), backward: (gradient) => z.backward(gradient.to(z.dtype)) };
  };

/**
 * Only what goes from segment to segment is kept; each segment is computed again when its gradient comes. A third more work.
 *
 * @param segments of which `project` is made, in order
 * @param networks whose batch norms must count one of the two passes
 */
export const checkpointActivations =
  (segments: readonly ((x: Tensor) => Tensor)[], networks: readonly torch.nn.Module[]): Forward =>
  (views) => {
    const inputs = [views];
    for (const segment of segments) {
      inputs.push(untracked(networks, () => torch.scope(() => torch.noGrad(() => segment(inputs.at(-1)!)))));
    }
    return {
      z: inputs.at(-1)!,
      backward(gradient) {
        let upstream = gradient;
        for (let i = segments.length - 1; i >= 0; i--) {
          const input = inputs[i]!;
          const further = torch.scope(() => {
            const leaf = input.detach();
            leaf.requiresGrad = i > 0;
            const output = torch.scope(() => segments[i]!(leaf));
            output.backward(upstream.to(output.dtype));
            return leaf.grad;
          });
          // The scope around would keep what was between segments until the step ends.
          if (upstream !== gradient) upstream.dispose();
          if (further === null) return;
          input.dispose();
          upstream = further;
        }
      },
    };
  };
