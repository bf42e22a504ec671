/** @file What is watched beside the loss: kNN on held-out training images, and the health of the representation. */
import * as torch from '@twoview/torch';
import { evaluationBatch, overImages } from '../evaluate/features.js';
import { indexTensor } from '../evaluate/frozen.js';
import { type KnnAccuracy, knnAccuracy } from '../evaluate/knn-accuracy.js';
import { drawsOf } from '../runs/random.js';
import { health } from './health.js';
import type { Pretraining } from './pretraining.js';

/** Neighbours are sought among this many images: enough to follow the course, and quick. */
export const BANK = 5000;
const HEALTH_IMAGES = 256;

export interface Monitored {
  /** knn (when there are labels and held-out images), alignment, uniformity, effectiveRank. */
  values: Record<string, number>;
  /** kNN accuracy at the settings that others report; null where there is none. */
  reported: KnnAccuracy['others'] | null;
}

export async function monitor(
  training: Pretraining,
  trained: readonly number[],
  heldOut: readonly number[],
): Promise<Monitored> {
  const { encoder, head, config, set, compute, normalisation } = training;
  encoder.eval();
  head.eval();
  try {
    const values: Record<string, number> = {};
    using bank = indexTensor(trained.slice(0, BANK));
    using queries = indexTensor(heldOut);
    using bankLabels = set.train.labels.indexSelect(0, bank);
    using queryLabels = set.train.labels.indexSelect(0, queries);
    const side = (at: torch.Tensor, labels: torch.Tensor) => ({
      labels,
      features: async () => {
        using images = set.train.images.indexSelect(0, at);
        return await overImages(images, (x) => encoder.features(x), { normalisation, compute });
      },
    });
    const { k, knnTemperature } = config;
    const found = await knnAccuracy(side(bank, bankLabels), side(queries, queryLabels), {
      ...{ k, knnTemperature, numClasses: set.classes.length },
    });
    if (found !== null) {
      values.knn = found.accuracy;
    }
    Object.assign(
      values,
      torch.scope(() =>
        torch.noGrad(() => {
          const some = indexTensor(trained.slice(0, HEALTH_IMAGES));
          const count = 2 * some.numel();
          const drawn = training.views.draw(set.imageSize, drawsOf(config.seed, 'health', compute.device), count);
          const images = set.train.images.indexSelect(0, some).to(compute.device);
          const views = drawn(images, 0, count, normalisation);
          const parts = torch.ops.split(views, evaluationBatch(set.imageSize));
          const h = torch.cat(parts.map((part) => torch.scope(() => compute.run(() => encoder.features(part)))));
          const { alignment, uniformity, effectiveRank } = health(
            h,
            compute.run(() => head.forward(h)),
          );
          return { alignment, uniformity, effectiveRank };
        }),
      ),
    );
    return { values, reported: found?.others ?? null };
  } finally {
    encoder.train();
    head.train();
  }
}
