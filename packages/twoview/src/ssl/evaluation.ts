/** @file One look at images through an encoder and its head: similarity of views, kNN, representations. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Normalisation } from '../augment/chunks.js';
import type { ViewPipeline } from '../augment/pipeline.js';
import type { InspectConfig } from '../config/inspect.js';
import type { PretrainConfig } from '../config/pretrain.js';
import type { ImageSet, Split } from '../data/image-set.js';
import { overImages } from '../evaluate/features.js';
import { fitToImages } from '../evaluate/fit-to-images.js';
import { indexTensor } from '../evaluate/frozen.js';
import { type KnnAccuracy, knnAccuracy } from '../evaluate/knn-accuracy.js';
import { type Similarities, similarities } from '../evaluate/similarity.js';
import { place } from '../models/resolve.js';
import type { OwnIo } from '../own/own.js';
import type { Owned } from '../runs/owned.js';
import { drawsOf } from '../runs/random.js';
import { initialNetworks, type Networks } from './networks.js';
import type { Unseen } from './unseen.js';

export interface Snapshot {
  similarity: Similarities;
  /** Of the test images among the training images; null without test images or labels. */
  knn: KnnAccuracy | null;
  /** [N, d] representations of the shown images. */
  features: Tensor;
}

export interface Evaluation {
  networks: Networks;
  measure(when: 'before' | 'after'): Promise<Snapshot>;
}

interface Inspected {
  config: InspectConfig;
  trained: PretrainConfig;
  set: ImageSet;
  shown: Unseen;
  views: ViewPipeline;
  normalisation: Normalisation;
}

/** Images whose views are compared with each other. */
const COMPARED = 256;

/** @param owned takes over what must be freed @returns an eye with the networks that the pre-training began with */
export function openEvaluation(inspected: Inspected, owned: Owned, io: OwnIo): Evaluation {
  const { config, trained, set, shown, views, normalisation } = inspected;
  const networks = initialNetworks(trained, owned, set.imageSize, io.own);
  const { encoder, head } = networks;
  fitToImages(encoder, set.train, normalisation); // as the pre-training did
  const compute = place(encoder, { name: `${trained.model} ${trained.stem}`, imageSize: set.imageSize }, config, io);
  head.to({ device: compute.device });

  const featuresOf = (images: Tensor, phase: string) =>
    overImages(images, (x) => encoder.features(x), { normalisation, compute, phase, io });

  async function testAccuracy(when: string): Promise<Snapshot['knn']> {
    const { train, test, classes } = set;
    if (test === null) return null;
    const side = ({ images, labels }: Split, of: string) => ({
      labels,
      features: () => featuresOf(images, `${of} images, ${when}`),
    });
    const { k, knnTemperature } = config;
    return await knnAccuracy(side(train, 'training'), side(test, 'test'), {
      ...{ k, knnTemperature, numClasses: classes.length },
    });
  }

  /** In training mode, as the loss sees them; the running statistics do not matter any more. */
  function viewSimilarity(): Similarities {
    encoder.train();
    head.train();
    return torch.scope(() =>
      torch.noGrad(() => {
        const some = indexTensor(shown.indices.slice(0, COMPARED));
        const images = shown.split.images.indexSelect(0, some).to(compute.device);
        const count = 2 * some.numel();
        const drawn = views.draw(set.imageSize, drawsOf(trained.seed, 'compared', compute.device), count);
        const x = drawn(images, 0, count, normalisation);
        return similarities(compute.run(() => head.forward(encoder.features(x))));
      }),
    );
  }

  return {
    networks,
    async measure(when) {
      encoder.eval();
      using index = indexTensor(shown.indices);
      using images = shown.split.images.indexSelect(0, index);
      const features = owned.add(await featuresOf(images, `shown images, ${when}`));
      return { features, knn: await testAccuracy(when), similarity: viewSimilarity() };
    },
  };
}
