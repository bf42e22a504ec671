/** @file Multinomial logistic regression on few labels: strength and temperature by stratified folds of these labels. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { type Choice, choose } from './choose.js';
import { stratifiedFolds } from './folds.js';
import { type Head, headOf } from './head.js';
import { placesTensor, requireClasses } from './labels.js';
import { logisticPath, STEPS } from './logistic-path.js';
import { withoutChoice } from './ridge.js';
import { type Scale, scaled, scaleOf } from './scale.js';

export interface LogisticOptions {
  numClasses: number;
  /** Draws the folds. */
  seed: number;
  /** Of all training images; of the labelled ones where it is left out. */
  scale?: Scale;
}

/** The strongest first. */
export const LOGISTIC_STRENGTHS: readonly number[] = Array.from({ length: 13 }, (_, i) => 10 ** (2 - i / 2));
/** Where no class has two labels, nothing can choose; measured on CIFAR-10, see docs/defaults.md. */
export const LOGISTIC_FALLBACK = 10;

/**
 * @param features [n, d] float32 of the labelled images
 * @param labels [n] int64
 * @throws TwoviewError LABELS_MISSING for labels of fewer than two classes
 */
export function logisticHead(
  features: Tensor,
  labels: Tensor,
  { numClasses, seed, scale: given }: LogisticOptions,
): Head {
  requireClasses(labels);
  const scale = given ?? scaleOf(features);
  try {
    return torch.scope(() => {
      const x = scaled(features, scale);
      const choice = byFolds(x, labels, { numClasses, seed });
      const strengths = LOGISTIC_STRENGTHS.filter((one) => one >= (choice?.strength ?? LOGISTIC_FALLBACK));
      const last = logisticPath(x, labels, { numClasses, strengths }).at(-1)!;
      const chosen = choice ?? withoutChoice(last, x, LOGISTIC_FALLBACK);
      const ended = last.converged ? '' : `; not at its minimum after ${STEPS} steps`;
      return headOf(last, scale, { ...chosen, by: chosen.by + ended });
    });
  } finally {
    if (given === undefined) scale[Symbol.dispose]();
  }
}

function byFolds(x: Tensor, labels: Tensor, options: { numClasses: number; seed: number }): Choice | null {
  const { folds, single } = stratifiedFolds(labels.tolist(), options.seed);
  if (folds.length === 0) return null;
  const all = Array.from({ length: labels.numel() }, (_, i) => i);
  const scores = folds.map((fold) =>
    torch.scope(() => {
      const out = new Set(fold);
      const [kept, left] = [all.filter((i) => !out.has(i)), fold].map((places) => placesTensor(places, x));
      const trained = [x, labels].map((of) => of.indexSelect(0, kept!)) as [Tensor, Tensor];
      const seen = x.indexSelect(0, left!);
      const path = logisticPath(...trained, { ...options, strengths: LOGISTIC_STRENGTHS });
      return torch.stack(path.map(({ weight, bias }) => torch.ops.linear(seen, weight, bias))).to('float64');
    }),
  );
  const truth = labels.indexSelect(0, placesTensor(folds.flat(), labels));
  const without = single === 0 ? '' : `; ${single} that are alone in their class are in all of them`;
  return choose({
    ...{ strengths: LOGISTIC_STRENGTHS, scores: torch.cat(scores, 1), labels: truth, fitting: 'cross entropy' },
    by: `${folds.length} folds${without}`,
  });
}
