/** @file A classifier that `finetune`, `distil` or `classify` left behind, as it was trained. */
import * as torch from '@twoview/torch';
import type { Normalisation } from '../augment/chunks.js';
import type { Stem } from '../config/fields.js';
import { TwoviewError } from '../errors.js';
import type { Crops } from '../evaluate/crops.js';
import type { Encoder } from '../models/create-model.js';
import type { OwnEncoder } from '../models/own-network.js';
import { readWeights } from '../models/weights.js';
import { createClassifier } from '../models/with-head-layer.js';
import { readRun } from '../runs/find-runs.js';

export interface Classifier extends Disposable {
  /** In evaluation mode. */
  network: Encoder;
  model: string;
  stem: Stem;
  classes: readonly string[];
  /** Of the training images of this run: their side in pixels, and how they were scaled. */
  imageSize: number;
  normalisation: Normalisation;
  /** Views of an image whose logits are averaged. */
  crops: Crops;
}

interface Summary {
  kind: string;
  classes: string[];
  config: { imageSize: number; crops?: Crops };
  normalisation: Normalisation;
}

/** @param flag what the run was named by @throws TwoviewError RUN_NOT_FOUND, CONFIG_INVALID when the run is no classifier */
export function classifierSummary(run: string, flag: string): Summary {
  const { summary } = readRun(run) as { summary: Summary | null };
  if (summary?.kind !== 'finetune' && summary?.kind !== 'classify') {
    throw new TwoviewError('CONFIG_INVALID', {
      what: 'this is no finished run of finetune, distil or classify, which alone know classes',
      where: `${flag} ${run}`,
      next: ['twoview finetune --init PRETRAINED --data LABELLED --out CLASSIFIER  makes one'],
    });
  }
  return summary;
}

/** @throws TwoviewError as `classifierSummary` */
export async function openClassifier(run: string, flag: string, own?: OwnEncoder): Promise<Classifier> {
  const { classes, normalisation, config } = classifierSummary(run, flag);
  using weights = await readWeights(run);
  const { model, stem } = weights.metadata as { model: string; stem: Stem };
  const headLayerWidth = weights.tensors['neck.0.weight']?.shape[0] ?? null;
  const shape = { model, stem, numClasses: classes.length, imageSize: config.imageSize, headLayerWidth };
  const network = createClassifier(shape, new torch.Generator(0), own);
  network.loadStateDict(weights.tensors);
  network.eval();
  return {
    ...{ network, model, stem, classes, imageSize: config.imageSize, normalisation, crops: config.crops ?? 1 },
    [Symbol.dispose]: () => network.dispose(),
  };
}
