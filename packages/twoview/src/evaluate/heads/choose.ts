/**
 * @file Which strength of regularisation: the one whose own loss is least on labels that were left out when the classifier was fitted. Then
 * the temperature that makes its probabilities fit these labels best: Guo et al. 2017, arXiv 1706.04599, section 4.2.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

/** One strength, as seen on labels that were left out. */
export interface CurvePoint {
  strength: number;
  accuracy: number;
  /** The loss by which the classifier is fitted: mean squared error of a row, or mean cross entropy in nats. */
  loss: number;
}

export interface Choice {
  strength: number;
  /** Scores are divided by this. */
  temperature: number;
  /** Of the chosen strength on labels that were left out; null where none could be. */
  accuracy: number | null;
  /** All strengths; empty where no label could be left out. */
  curve: CurvePoint[];
  /** How labels were left out, or why none were. */
  by: string;
}

export type Fitting = 'squared error' | 'cross entropy';

export interface LeftOut {
  strengths: readonly number[];
  /** [S, n, C] float64: what the classifier of each strength says of labels that were left out. */
  scores: Tensor;
  /** [n] int64 */
  labels: Tensor;
  /** How much each label counts; all alike where it is left out. */
  weights?: readonly number[];
  /** What the classifier is fitted by. */
  fitting: Fitting;
  /** How they were left out. */
  by: string;
}

/** The strength of the least loss, and its temperature. */
export function choose({ strengths, scores, labels, weights, fitting, by }: LeftOut): Choice {
  return torch.scope(() => {
    const n = labels.shape[0]!;
    const counted = torch.tensor(weights ?? Array(n).fill(1), { dtype: 'float64', device: scores.device });
    const share = counted.div(counted.sum()); // [n]
    const accuracies: number[] = scores.argmax({ dim: 2 }).eq(labels).to('float64').mv(share).tolist();
    const losses: number[] = lossesOf(scores, labels, fitting).mv(share).tolist();
    const curve = strengths.map((strength, i) => ({ strength, accuracy: accuracies[i]!, loss: losses[i]! }));
    const best = losses.indexOf(Math.min(...losses));
    const { strength, accuracy } = curve[best]!;
    return { ...{ strength, accuracy, curve, by }, temperature: temperatureOf(scores.select(0, best), labels, share) };
  });
}

/** @returns [S, n] */
function lossesOf(scores: Tensor, labels: Tensor, fitting: Fitting): Tensor {
  const truth = torch.ops.oneHot(labels, scores.shape[2]!).to('float64'); // [n, C]
  return fitting === 'squared error'
    ? scores.sub(truth).square().sum([2])
    : scores.logSoftmax(2).mul(truth).sum([2]).neg();
}

/** Temperatures are sought among multiples of the standard deviation of all scores, between these. */
const [LEAST, MOST] = [1e-2, 1e2];
const HALVINGS = 40;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * By golden-section search: the cross entropy has one minimum over the temperature.
 *
 * @param scores [n, C] float64
 * @param labels [n] int64
 * @param share [n] float64 of each row, which sum to 1; all alike where it is left out
 */
export function temperatureOf(scores: Tensor, labels: Tensor, share?: Tensor): number {
  return torch.scope(() => {
    const counted = share ?? scores.newOnes([scores.shape[0]!]).div(scores.shape[0]!);
    const spread = Math.max(scores.std({ correction: 0 }).item<number>(), 1e-12);
    const own = scores.gather(1, labels.unsqueeze(1)).squeeze(1).dot(counted).item<number>();
    const loss = (logarithm: number): number =>
      torch.scope(() => {
        const temperature = spread * Math.exp(logarithm);
        return scores.div(temperature).logsumexp(1).dot(counted).item<number>() - own / temperature;
      });
    let [low, high] = [Math.log(LEAST), Math.log(MOST)];
    let [a, b] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    let [lossA, lossB] = [loss(a), loss(b)];
    for (let step = 0; step < HALVINGS; step++) {
      if (lossA <= lossB) {
        [high, b, lossB] = [b, a, lossA];
        a = high - GOLDEN * (high - low);
        lossA = loss(a);
      } else {
        [low, a, lossA] = [a, b, lossB];
        b = low + GOLDEN * (high - low);
        lossB = loss(b);
      }
    }
    return spread * Math.exp((low + high) / 2);
  });
}
