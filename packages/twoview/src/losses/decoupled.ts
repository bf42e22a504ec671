/**
 * @file The decoupled contrastive loss: NT-Xent whose denominator leaves the partner out, so that small batches learn as well.
 *
 *   l(i, j) = -sim(z_i, z_j) / tau + log sum_{k != i, j} exp(sim(z_i, z_k) / tau),  sim = cosine
 *
 * averaged over the 2N ordered pairs of partners. Source: Yeh et al. 2022, arXiv 2110.06848, equation 6.
 */
import type { Tensor } from '@twoview/torch';
import type { Rows } from './loss.js';
import { unitViews } from './projections.js';
import { similarities } from './rows.js';

/**
 * @param zA [N, d] projections of the first views; N >= 2
 * @param zB [N, d] projections of the second views
 * @returns [] float32 (float64 for float64 input); log(2N - 2) when all projections coincide
 * @throws TwoviewError VIEWS_MISMATCH, TEMPERATURE_RANGE
 */
export function decoupled(zA: Tensor, zB: Tensor, { temperature = 0.1 } = {}): Tensor {
  const unit = unitViews(zA, zB, temperature); // [2N, d]
  const count = unit.shape[0]!;
  return decoupledRows(unit, { from: 0, count }, temperature).div(count);
}

/** The sum of l(i, partner of i) over some views. */
export function decoupledRows(unit: Tensor, rows: Rows, temperature: number): Tensor {
  const { logits, partner } = similarities(unit, rows, temperature);
  const others = logits.scatter(1, partner.unsqueeze(1), -Infinity); // [count, 2N] without the partner
  return others
    .logsumexp([1])
    .sub(logits.gather(1, partner.unsqueeze(1)).squeeze(1))
    .sum();
}
