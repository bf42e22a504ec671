/** @file What every method of choosing is told, and what it must refuse. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { TwoviewError } from '../errors.js';

export interface Selection {
  /** Images to choose. */
  budget: number;
  seed: number;
  /** Images that count as chosen already. */
  labelled?: readonly number[];
  /** Called between pieces of work, with how many are chosen where that is known; throws where the choice has to end. */
  pause?: (done?: number) => Promise<void>;
}

/** @param count images, those with a label among them @throws TwoviewError BUDGET_TOO_LARGE */
export function requireBudget(count: number, { budget, labelled = [] }: Selection): void {
  const left = count - new Set(labelled).size;
  if (budget <= left) return;
  throw new TwoviewError('BUDGET_TOO_LARGE', {
    what: `${budget} images are to be chosen, and there are ${left}${labelled.length > 0 ? ' without a label' : ''}`,
    where: `--budget ${budget}`,
    next: [left > 0 ? `--budget ${left}  is the most` : 'give other images, or fewer labelled ones'],
  });
}

/** @param features [N, d] @returns [N, d] float32, a copy */
export const ofUnitLength = (features: Tensor): Tensor =>
  torch.scope(() => torch.normalize(features.to('float32'), { dim: 1 }));

/** @param of whatever lies where it is used @returns [n] int64 */
export const indexTensor = (indices: readonly number[], of: Tensor): Tensor =>
  torch.tensor([...indices], { dtype: 'int64', device: of.device });
