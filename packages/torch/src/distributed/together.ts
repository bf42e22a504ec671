/** @file Batch normalisation over all processes. */

import type { Module } from '../nn/module.js';
import { BatchNorm } from '../nn/norm.js';
import type { ProcessGroup } from './group.js';

/** In training, the batch norms of these modules see the batches of all processes as one from now on. */
export function normaliseTogether(modules: readonly Module[], group: ProcessGroup): void {
  for (const module of modules.flatMap((one) => [...one.modules()])) {
    if (module instanceof BatchNorm) module.group = group.name;
  }
}
