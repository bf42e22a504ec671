/** @file What a classifier makes of the images that it is tested on. Always float32: a figure must not depend on what was measured. */
import * as torch from '@twoview/torch';
import type { Normalisation } from '../augment/chunks.js';
import { overImages } from '../evaluate/features.js';
import { type Metrics, metricsOf } from '../evaluate/metrics.js';
import { thumbnails } from '../evaluate/thumbnails.js';
import { compute } from '../models/compute.js';
import type { Encoder } from '../models/create-model.js';
import type { LabelSplit } from './split-labels.js';

/** Misclassified images that are kept as pictures. */
const PICTURES = 24;

export interface Judgement {
  metrics: Metrics;
  /** The class that each image was given. */
  predicted: number[];
  /** Some of the misclassified images, the most confident first, as data URIs. */
  pictures: { index: number; png: string }[];
}

/** @param network in evaluation mode */
export async function judge(
  network: Encoder,
  evaluated: NonNullable<LabelSplit['evaluated']>,
  { normalisation, device }: { normalisation: Normalisation; device: string },
): Promise<Judgement> {
  using images = evaluated.images();
  using labels = evaluated.labels();
  using logits = await overImages(images, (x) => network.forward(x), {
    normalisation,
    compute: compute(device, 'float32'),
  });
  const metrics = metricsOf(logits, labels);
  const wrong = metrics.mistakes.slice(0, PICTURES).map(({ index }) => index);
  using shown = torch.scope(() => images.indexSelect(0, torch.tensor(wrong, { dtype: 'int64' }).to(images.device)));
  const pngs = await thumbnails(shown);
  return {
    metrics,
    predicted: torch.scope(() => logits.argmax({ dim: 1 }).tolist()),
    pictures: wrong.map((index, i) => ({ index, png: pngs[i]! })),
  };
}
