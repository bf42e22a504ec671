/**
 * @file SuNCEt, supervised noise contrastive estimation: NT-Xent in which all views of the same class are partners.
 *
 *   l(i) = -log( sum_{p in P(i)} exp(sim(z_i, z_p) / tau) / sum_{k != i} exp(sim(z_i, z_k) / tau) ),  sim = cosine
 *
 * P(i) is the other view of the image and, where its class is known, all other views of that class; averaged over the 2N views.
 * Without labels it is NT-Xent. Source: Assran et al. 2020, arXiv 2006.10803, equation 1.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Rows } from './loss.js';
import { unitViews } from './projections.js';
import { similarities } from './rows.js';

/**
 * @param zA [N, d] projections of the first views; N >= 2
 * @param zB [N, d] projections of the second views
 * @param labels [N] int64, -1 where the class is not known
 * @returns [] float32 (float64 for float64 input)
 * @throws TwoviewError VIEWS_MISMATCH, TEMPERATURE_RANGE
 */
export function suncet(zA: Tensor, zB: Tensor, labels: Tensor, { temperature = 0.1 } = {}): Tensor {
  const unit = unitViews(zA, zB, temperature); // [2N, d]
  const count = unit.shape[0]!;
  return suncetRows(unit, { from: 0, count }, torch.cat([labels, labels]), temperature).div(count);
}

/** The sum of l(i) over some views. @param labels [2N] */
export function suncetRows(unit: Tensor, rows: Rows, labels: Tensor, temperature: number): Tensor {
  const { logits, partner } = similarities(unit, rows, temperature);
  const own = labels.narrow(0, rows.from, rows.count).unsqueeze(1); //                                [count, 1]
  const alike = labels.eq(own).logicalAnd(own.ge(0)).scatter(1, partner.unsqueeze(1), true); //      [count, 2N]
  const partners = logits.maskedFill(alike.logicalNot(), -Infinity).logsumexp([1]); // a view itself has -Infinity already
  return logits.logsumexp([1]).sub(partners).sum();
}
