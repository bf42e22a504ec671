/**
 * @file Which strength of regularisation, and which temperature: those whose probabilities fit labels best that were left out when the
 * classifier was trained. Temperature: Guo et al. 2017, arXiv 1706.04599, section 4.2.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

/** One strength, as seen on labels that were left out. */
export interface CurvePoint {
  strength: number;
  accuracy: number;
  /** Mean cross entropy at the best temperature of this strength, in nats. */
  loss: number;
  temperature: number;
}

export interface Choice {
  strength: number;
  temperature: number;
  /** Of the chosen strength on labels that were left out; null where none could be. */
  accuracy: number | null;
  /** All strengths; empty where no label could be left out. */
  curve: CurvePoint[];
  /** How labels were left out, or why none were. */
  by: string;
}

/** Temperatures are sought among multiples of the standard deviation of all scores, between these. */
const [LEAST, MOST] = [1e-2, 1e2];
const HALVINGS = 30;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * @param scores [S, n, C] float64: what each strength says of labels that were left out
 * @param labels [n] int64
 * @returns a point for each strength
 */
export function curveOf(strengths: readonly number[], scores: Tensor, labels: Tensor): CurvePoint[] {
  return torch.scope(() => {
    const [s, n] = scores.shape as [number, number];
    const truth = labels.reshape([1, n, 1]).expand([s, n, 1]);
    const spread = scores.std({ dim: [1, 2], correction: 0 }).clampMin(1e-12);
    const unit = scores.div(spread.reshape([s, 1, 1]));
    const own = unit.gather(2, truth).mean([1, 2]); // [S]
    const losses = (logTemperatures: readonly number[]): number[] =>
      torch.scope(() => {
        const sharp = torch
          .tensor([...logTemperatures], { dtype: 'float64', device: scores.device })
          .neg()
          .exp();
        return unit
          .mul(sharp.reshape([s, 1, 1]))
          .logsumexp(2)
          .mean([1])
          .sub(own.mul(sharp))
          .tolist();
      });
    const { at, loss } = leastOf(losses, s);
    const accuracy: number[] = scores.argmax({ dim: 2 }).eq(labels).to('float64').mean([1]).tolist();
    const scale: number[] = spread.tolist();
    return strengths.map((strength, i) => ({
      ...{ strength, accuracy: accuracy[i]!, loss: loss[i]! },
      temperature: Math.exp(at[i]!) * scale[i]!,
    }));
  });
}

/** Golden-section search, for all strengths at once: the cross entropy has one minimum over the temperature. */
function leastOf(losses: (at: readonly number[]) => number[], count: number): { at: number[]; loss: number[] } {
  const each = (value: (i: number) => number) => Array.from({ length: count }, (_, i) => value(i));
  const [low, high] = [each(() => Math.log(LEAST)), each(() => Math.log(MOST))];
  const inner = (i: number) => high[i]! - GOLDEN * (high[i]! - low[i]!);
  const outer = (i: number) => low[i]! + GOLDEN * (high[i]! - low[i]!);
  let [a, b] = [each(inner), each(outer)];
  let [lossA, lossB] = [losses(a), losses(b)];
  for (let step = 0; step < HALVINGS; step++) {
    const lower = each((i) => Number(lossA[i]! <= lossB[i]!));
    for (let i = 0; i < count; i++) {
      if (lower[i]) high[i] = b[i]!;
      else low[i] = a[i]!;
    }
    const [oldA, oldB, oldLossA, oldLossB] = [a, b, lossA, lossB];
    const fresh = each((i) => (lower[i] ? inner(i) : outer(i)));
    const found = losses(fresh);
    a = each((i) => (lower[i] ? fresh[i]! : oldB[i]!));
    b = each((i) => (lower[i] ? oldA[i]! : fresh[i]!));
    lossA = each((i) => (lower[i] ? found[i]! : oldLossB[i]!));
    lossB = each((i) => (lower[i] ? oldLossA[i]! : found[i]!));
  }
  return { at: each((i) => (low[i]! + high[i]!) / 2), loss: each((i) => Math.min(lossA[i]!, lossB[i]!)) };
}

/** The point of the least loss; of equal ones the strongest. */
export function chosenOf(curve: readonly CurvePoint[], by: string): Choice {
  const best = curve.reduce((a, b) => (b.loss < a.loss || (b.loss === a.loss && b.strength > a.strength) ? b : a));
  const { strength, temperature, accuracy } = best;
  return { ...{ strength, temperature, accuracy, by }, curve: [...curve] };
}
