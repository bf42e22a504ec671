/** @file `twoview predict`: what a trained classifier sees in images, labelled or not. */
import * as torch from '@twoview/torch';
import type { PredictConfig } from '../config/predict.js';
import { type ImageSet, labelList, partsOf, type Split } from '../data/image-set.js';
import type { Part } from '../data/parts.js';
import { writeCsv } from '../data/tables/csv-file.js';
import { overImages } from '../evaluate/features.js';
import { place } from '../models/resolve.js';
import { imagesOf } from '../own/images.js';
import type { OwnIo } from '../own/own.js';
import { loadEngine } from '../runs/load-engine.js';
import { requireNewFile } from '../runs/new-file.js';
import { type Classifier, openClassifier } from './classifier.js';

export interface Prediction {
  split: Part;
  /** Place in its split. */
  index: number;
  path: string | null;
  /** The class that was given; null where none was. */
  label: string | null;
  predicted: string;
  /** That the network gives the class it names. */
  probability: number;
}

export interface PredictResult {
  /** CSV of split, index, path and label (where images have them), predicted, probability. */
  file: string;
  predictions: Prediction[];
  /** Images named by each class, the most frequent first. */
  counts: [name: string, images: number][];
  /** Of the images with a label; null where there is none. */
  accuracy: number | null;
  seconds: number;
}

/** @throws TwoviewError RUN_NOT_FOUND, CONFIG_INVALID for a run that is no classifier, RUN_EXISTS; TorchError */
export async function predict(config: PredictConfig, io: OwnIo = {}): Promise<PredictResult> {
  requireNewFile(config.out);
  await loadEngine(config);
  using classifier = await openClassifier(config.run, '--run', io.own?.encoder);
  const { imageSize } = classifier;
  using set = await imagesOf(config.data, { ...config, imageSize }, io);
  const started = performance.now();
  const compute = place(classifier.network, { name: `${classifier.model} ${classifier.stem}`, imageSize }, config, io);
  const look = (split: Split) =>
    overImages(split.images, (x) => classifier.network.forward(x), {
      ...{ normalisation: classifier.normalisation, crops: classifier.crops, compute, phase: 'predict', io },
    });
  const predictions: Prediction[] = [];
  for (const { part, split } of partsOf(set)) {
    using logits = await look(split);
    predictions.push(...named(part, split, set, logits, classifier));
  }
  writeCsv(config.out, rowsOf(predictions));
  const labelled = predictions.filter(({ label }) => label !== null);
  const right = labelled.filter(({ label, predicted }) => label === predicted).length;
  return {
    ...{ file: config.out, predictions, counts: countsOf(predictions) },
    accuracy: labelled.length === 0 ? null : right / labelled.length,
    seconds: (performance.now() - started) / 1000,
  };
}

function named(split: Part, images: Split, set: ImageSet, logits: torch.Tensor, { classes }: Classifier): Prediction[] {
  const [probabilities, best] = torch.scope(() => {
    const [highest, at] = torch.softmax(logits, 1).max(1);
    return [highest.tolist(), at.tolist()];
  });
  return labelList(images).map((label, index) => ({
    ...{ split, index, path: images.paths?.[index] ?? null, label: set.classes[label] ?? null },
    ...{ predicted: classes[best[index]!]!, probability: probabilities[index]! },
  }));
}

/** Columns that no image has are left out. */
function rowsOf(predictions: readonly Prediction[]): (string | number)[][] {
  const has = (key: 'path' | 'label') => predictions.some((one) => one[key] !== null);
  const columns = (['split', 'index', 'path', 'label', 'predicted'] as const).filter(
    (key) => (key !== 'path' && key !== 'label') || has(key),
  );
  const rows = predictions.map((one) => [...columns.map((key) => one[key] ?? ''), one.probability.toFixed(4)]);
  return [[...columns, 'probability'], ...rows];
}

function countsOf(predictions: readonly Prediction[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { predicted } of predictions) counts.set(predicted, (counts.get(predicted) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}
