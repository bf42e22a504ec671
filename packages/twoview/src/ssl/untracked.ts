/** @file A forward pass in training mode that does not update the running statistics of batch norm. */
import * as torch from '@twoview/torch';

export function untracked<T>(networks: readonly torch.nn.Module[], body: () => T): T {
  const norms = networks
    .flatMap((network) => [...network.modules()])
    .filter((module) => module instanceof torch.nn.BatchNorm)
    .filter(({ tracking }) => tracking);
  for (const norm of norms) norm.tracking = false;
  try {
    return body();
  } finally {
    for (const norm of norms) norm.tracking = true;
  }
}
