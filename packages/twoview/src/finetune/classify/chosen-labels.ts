/** @file Which labels `classify` uses and which images it tests on: those that `finetune` would take with the same fraction and seed. */
import type { ClassifyConfig } from '../../config/classify.js';
import { type ImageSet, labelList } from '../../data/image-set.js';
import { labelSubset } from '../../data/indices.js';
import type { JobIo } from '../../runs/events.js';
import { type LabelSplit, splitLabels } from '../split-labels.js';

export type ClassifySplit = LabelSplit & { evaluatedOn: 'test' | 'validation' };

/** @throws TwoviewError DATA_EMPTY, LABELS_MISSING, FRACTION_TOO_SMALL */
export function chosenLabels(config: ClassifyConfig, set: ImageSet, io: JobIo): ClassifySplit {
  const chosen = labelSubset(set.train, set.classes, { ...config, fraction: fractionOf(config, set) });
  if (config.labels > 0 && chosen.length !== config.labels) {
    const text = `${chosen.length} labels instead of ${config.labels}: of each class the same share, rounded`;
    io.onEvent?.({ type: 'note', text });
  }
  return splitLabels(chosen, set, config) as ClassifySplit; // nothing to test on is allowed to a teacher's student alone
}

function fractionOf({ labels, fraction }: ClassifyConfig, set: ImageSet): number {
  if (labels === 0) return fraction;
  const known = labelList(set.train).filter((label) => label >= 0).length;
  return known === 0 ? 1 : Math.min(1, labels / known);
}
