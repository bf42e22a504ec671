/**
 * @file Labels spread over a graph: Z = (I - alpha S)^-1 Y, where Y has a 1 for each label. Source: Zhou et al. 2004, "Learning with local and
 * global consistency"; solved by conjugate gradients, and weighed by certainty, as in Iscen et al. 2019, arXiv 1904.04717, section 3.2
 * (there alpha = 0.99). The weights of classes of that paper are left out: labels here are drawn by class.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Graph } from './graph.js';

export interface Spread {
  /** [N, C] float32: shares of the classes; a label that was given stands as it is. */
  targets: Tensor;
  /** [N] float32: 1 for a label that was given, else how sure its image is: 1 - entropy / log(C). */
  certainty: Tensor;
  /** Of conjugate gradients. */
  steps: number;
}

/** Residual beside the size of Y at which a column counts as solved. */
const TOLERANCE = 1e-5;
const STEPS = 200;

/**
 * @param labels [N] int64, -1 where the class is not known
 * @returns what its maker frees
 */
export function propagate(
  graph: Graph,
  labels: Tensor,
  { numClasses, alpha }: { numClasses: number; alpha: number },
): Spread {
  let steps = 0;
  const made = torch.scope(() => {
    const known = labels.ge(0);
    const given = torch.ops.oneHot(labels.clampMin(0), numClasses).to('float32').mul(known.unsqueeze(1)); // [N, C]
    const solved = solve(graph, given, alpha);
    steps = solved.steps;
    const z = solved.z.clampMin(0);
    const total = z.sum([1], true);
    const reached = total.gt(0);
    const shares = torch.where(reached, z.div(total.clampMin(1e-38)), 1 / numClasses); // no label reaches it: all classes alike
    const entropy = torch.ops.xlogy(shares, shares).sum([1]).neg();
    const sure = entropy.div(-Math.log(numClasses)).add(1).clamp(0, 1);
    return {
      targets: torch.where(known.unsqueeze(1), given, shares),
      certainty: torch.where(known, 1, sure),
    };
  });
  return { ...made, steps };
}

/** (I - alpha S) z = y by conjugate gradients, all columns at once. @param y [N, C] float32 @returns z [N, C] */
export function solve(graph: Graph, y: Tensor, alpha: number): { z: Tensor; steps: number } {
  let steps = 0;
  const z = torch.scope(() => {
    const size = (of: Tensor) => of.square().sum([0], true); // [1, C]
    const share = (a: Tensor, b: Tensor) => torch.where(b.gt(0), a.div(b), 0); // a column that is solved, or has no label, stays
    const found = y.zerosLike();
    const residual = y.clone();
    const direction = y.clone();
    let now = size(residual);
    const enough = now.mul(TOLERANCE ** 2);
    for (; steps < STEPS && now.gt(enough).any().item(); steps++) {
      now = torch.scope(() => {
        const image = direction.sub(graph.product(direction), { alpha }); // (I - alpha S) p
        const length = share(now, direction.mul(image).sum([0], true));
        found.addcmul_(direction, length.expandAs(direction));
        residual.sub_(image.mul(length));
        const next = size(residual);
        direction.mul_(share(next, now)).add_(residual);
        return next;
      });
    }
    return found;
  });
  return { z, steps };
}
