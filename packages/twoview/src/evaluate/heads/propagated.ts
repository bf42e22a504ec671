/**
 * @file Ridge regression on labels that were spread over all training images, weighed by certainty. Strength and temperature are chosen
 * by labels that were left out: of the spreading, and of what the classifier is fitted to.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { type Choice, choose } from './choose.js';
import { stratifiedFolds } from './folds.js';
import type { Graph } from './graph.js';
import { type Head, headOf } from './head.js';
import { placesTensor, requireClasses } from './labels.js';
import { propagate } from './propagate.js';
import { RIDGE_FALLBACK, RIDGE_STRENGTHS, withoutChoice } from './ridge.js';
import { type RidgePath, ridgePath } from './ridge-path.js';
import { type Scale, scaled } from './scale.js';

export interface PropagatedOptions {
  numClasses: number;
  seed: number;
  alpha: number;
  scale: Scale;
  /** Of all rows of the features. */
  graph: Graph;
}

/**
 * @param features [N, d] float32 of all images of the graph
 * @param labelled places of the labelled images among them
 * @param labels [n] int64 of these
 * @throws TwoviewError LABELS_MISSING for labels of fewer than two classes
 */
export function propagatedHead(
  features: Tensor,
  labelled: readonly number[],
  labels: Tensor,
  { numClasses, seed, alpha, scale, graph }: PropagatedOptions,
): Head {
  requireClasses(labels);
  return torch.scope(() => {
    const x = scaled(features, scale).to('float64');
    const rowsAt = placesTensor(labelled, x);
    /** Rows of the features, of places among the labels. */
    const at = (places: readonly number[]) => rowsAt.indexSelect(0, placesTensor(places, x));
    /** Fitted without some of the labels, whose images then count for nothing. */
    const pathWithout = (left: readonly number[]): RidgePath => {
      const out = new Set(left);
      const kept = [...labelled.keys()].filter((i) => !out.has(i));
      const known = torch.full([graph.size], -1, { dtype: 'int64', device: x.device });
      known.indexCopy_(0, at(kept), labels.indexSelect(0, placesTensor(kept, labels)));
      const { targets, certainty } = propagate(graph, known, { numClasses, alpha });
      if (left.length > 0) certainty.indexFill_(0, at(left), 0);
      return ridgePath(x, targets.to('float64'), certainty.to('float64'));
    };
    const size = x.shape[1]!;
    const choice = byFolds();
    const last = pathWithout([]).at((choice?.strength ?? RIDGE_FALLBACK) * size);
    return headOf(last, scale, choice ?? withoutChoice(last, x, RIDGE_FALLBACK));

    function byFolds(): Choice | null {
      const { folds, single } = stratifiedFolds(labels.tolist(), seed);
      if (folds.length === 0) return null;
      const scores = folds.map((fold) =>
        torch.scope(() => {
          const path = pathWithout(fold);
          const seen = x.indexSelect(0, at(fold));
          const said = RIDGE_STRENGTHS.map((strength) => {
            const { weight, bias } = path.at(strength * size);
            return torch.ops.linear(seen, weight, bias);
          });
          return torch.stack(said);
        }),
      );
      const without = single === 0 ? '' : `; ${single} that are alone in their class are in all of them`;
      return choose({
        ...{ strengths: RIDGE_STRENGTHS, scores: torch.cat(scores, 1), fitting: 'squared error' },
        labels: labels.indexSelect(0, placesTensor(folds.flat(), labels)),
        by: `${folds.length} folds${without}`,
      });
    }
  });
}
