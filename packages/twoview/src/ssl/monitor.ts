/** @file What is watched beside the loss: kNN on held-out training images, and the health of the representation. */
import * as torch from '@twoview/torch';
import { applyViews, sampleViews } from '../augment/views.js';
import { labelList } from '../data/image-set.js';
import { overImages } from '../evaluate/features.js';
import { knn } from '../evaluate/knn.js';
import { streamGenerator } from '../runs/random.js';
import { health } from './health.js';
import type { Setting } from './setting.js';
import { viewOptions } from './view-options.js';

/** Neighbours are sought among this many images: enough to follow the course, and quick. */
const BANK = 5000;
const HEALTH_IMAGES = 256;

/** @returns knn (when there are labels and held-out images), alignment, uniformity, effectiveRank */
export async function monitor(
  setting: Setting,
  trained: readonly number[],
  heldOut: readonly number[],
): Promise<Record<string, number>> {
  const { encoder, head, config, set, compute, normalisation } = setting;
  encoder.eval();
  head.eval();
  try {
    const values: Record<string, number> = {};
    const index = (list: readonly number[]) => torch.tensor([...list], { dtype: 'int64' });
    const classOf = labelList(set.train);
    const known = (list: readonly number[]) => list.filter((i) => classOf[i]! >= 0).length;
    const voters = known(trained.slice(0, BANK));
    if (set.classes.length > 0 && voters > 0 && known(heldOut) > 0) {
      using bankIndex = index(trained.slice(0, BANK));
      using queryIndex = index(heldOut);
      const features = async (at: torch.Tensor) => {
        using images = set.train.images.indexSelect(0, at);
        return await overImages(images, (x) => encoder.features(x), { normalisation, compute });
      };
      using bank = await features(bankIndex);
      using queries = await features(queryIndex);
      values.knn = torch.scope(() => {
        const labels = (at: torch.Tensor) => set.train.labels.indexSelect(0, at).to(compute.device);
        const k = Math.min(config.k, voters);
        const votes = knn(bank, labels(bankIndex), queries, {
          k,
          temperature: config.knnTemperature,
          weighted: true,
          numClasses: set.classes.length,
        });
        return votes.argmax({ dim: 1 }).eq(labels(queryIndex)).sum().item() / known(heldOut);
      });
    }
    Object.assign(
      values,
      torch.scope(() =>
        torch.noGrad(() => {
          const some = index(trained.slice(0, HEALTH_IMAGES));
          const drawn = sampleViews(
            2 * some.numel(),
            set.imageSize,
            viewOptions(config),
            streamGenerator(config.seed, 'health', 0),
          );
          const views = applyViews(
            set.train.images.indexSelect(0, some).to(compute.device),
            drawn,
            set.imageSize,
            normalisation,
          );
          const h = compute.run(() => encoder.features(views));
          const { alignment, uniformity, effectiveRank } = health(
            h,
            compute.run(() => head.forward(h)),
          );
          return { alignment, uniformity, effectiveRank };
        }),
      ),
    );
    return values;
  } finally {
    encoder.train();
    head.train();
  }
}
