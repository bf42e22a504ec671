/** @file A training step of SimCLR on views that are there, and nothing around it: what the speed of all else is held against. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { ntXent } from '../losses/nt-xent.js';
import type { Compute } from '../models/compute.js';
import type { Networks } from './networks.js';
import { viewsOf } from './shared-loss.js';

export function bareOptimizer({ encoder, head }: Networks): torch.optim.SGD {
  const parameters = [...encoder.namedParameters(), ...head.namedParameters()];
  const numbered = parameters.map(([, tensor], i): [string, Tensor] => [`${i}`, tensor]);
  return new torch.optim.SGD(torch.optim.decayGroups(numbered, 5e-4), { lr: 0.01, momentum: 0.9, nesterov: true });
}

/** @param views [2N, 3, H, W], the two of an image being neighbours @returns the loss */
export function bareStep(
  { encoder, head }: Networks,
  optimizer: torch.optim.Optimizer,
  { run }: Pick<Compute, 'run'>,
  views: Tensor,
): number {
  // A scope of its own: what the backward pass does not need is free before it begins, as in Python.
  using loss = torch.scope(() => {
    const z = run(() => head.forward(encoder.features(views)));
    return ntXent(...viewsOf(z));
  });
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  return loss.item(); // waits for a GPU
}
