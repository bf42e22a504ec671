/** @file What logits say against the true classes: accuracy, top-5, per class, confusion, calibration, mistakes. */

import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

export interface Mistake {
  /** Position in the set that was evaluated. */
  index: number;
  truth: number;
  predicted: number;
  /** Probability given to the predicted class. */
  confidence: number;
}

export interface Metrics {
  count: number;
  accuracy: number;
  top5: number;
  /** Mean cross entropy, in nats. */
  loss: number;
  perClass: number[];
  /** Rows are true classes, columns predicted ones. */
  confusion: number[][];
  /** Expected calibration error over 15 bins of confidence: Guo et al. 2017, arXiv 1706.04599. */
  ece: number;
  /** The most confident ones first. */
  mistakes: Mistake[];
}

const BINS = 15;
const MISTAKES = 100;

/** @param logitsAnywhere [N, C] float32 @param labelsAnywhere [N] int64; on any device, and looked at on the CPU */
export function metricsOf(logitsAnywhere: Tensor, labelsAnywhere: Tensor): Metrics {
  return torch.scope(() => {
    const logits = logitsAnywhere.to('cpu');
    const labels = labelsAnywhere.to('cpu');
    const [count, classes] = logits.shape as [number, number];
    const probabilities = torch.softmax(logits, 1);
    const [confidence, predicted] = probabilities.max(1);
    const [, best] = logits.topk(Math.min(5, classes), { dim: 1 });
    const truth = labels.tolist();
    const guess = predicted.tolist();
    const sure = confidence.tolist();
    const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    for (const [i, t] of truth.entries()) confusion[t]![guess[i]!]!++;
    const mistakes = truth.flatMap((t, index) =>
      guess[index] === t ? [] : [{ index, truth: t, predicted: guess[index]!, confidence: sure[index]! }],
    );
    return {
      count,
      accuracy: 1 - mistakes.length / count,
      top5: best.eq(labels.unsqueeze(1)).any(1).to('float32').mean().item(),
      loss: torch.crossEntropy(logits, labels).item(),
      perClass: confusion.map((row, c) => (row[c]! === 0 ? 0 : row[c]! / row.reduce((a, b) => a + b, 0))),
      confusion,
      ece: calibrationError(
        truth.map((t, i) => t === guess[i]),
        sure,
      ),
      mistakes: mistakes.sort((a, b) => b.confidence - a.confidence).slice(0, MISTAKES),
    };
  });
}

export function calibrationError(right: readonly boolean[], confidence: readonly number[]): number {
  const bins = Array.from({ length: BINS }, () => ({ count: 0, right: 0, confidence: 0 }));
  confidence.forEach((value, i) => {
    const bin = bins[Math.min(BINS - 1, Math.floor(value * BINS))]!;
    bin.count++;
    bin.right += right[i] ? 1 : 0;
    bin.confidence += value;
  });
  return bins.reduce((sum, bin) => sum + Math.abs(bin.right - bin.confidence), 0) / Math.max(1, confidence.length);
}
