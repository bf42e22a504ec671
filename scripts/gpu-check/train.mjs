/** @file A real pre-training for the time that is given, by the product's own command, and what its neighbours are worth. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { evaluateKnn, knn, knnSchema, parseConfig, pretrainSchema, pretrainSimclr, torch } from './parts.mjs';

/** Of the time: the rest goes into kNN, checkpoints and the start. */
const SHARE = 0.85;

/** @param viewsPerSecond the faster precision's, and which it was */
export async function trainFor(minutes, { device, model, train, data, set, work, fastest }, say) {
  const images = Math.min(set.train.count - train.heldOut, train.limit || Number.POSITIVE_INFINITY);
  const perEpoch = (2 * images) / fastest.viewsPerSecond;
  const epochs = Math.max(train.leastEpochs, Math.floor((minutes * 60 * SHARE) / perEpoch));
  const out = join(work, 'run');
  rmSync(out, { recursive: true, force: true });
  const config = parseConfig(pretrainSchema, {
    ...{ data, model, device, out, epochs, precision: fastest.precision },
    ...{ batchSize: train.batchSize, heldOut: train.heldOut, k: train.k, limit: train.limit },
    warmupEpochs: Math.min(5, epochs / 10),
    knnEvery: Math.max(1, Math.floor(epochs / 10)),
  });
  say(`train  ${epochs} epochs of ${images} images, for about ${minutes} minutes`);
  const course = [];
  let told = 0;
  const pretrained = await pretrainSimclr(config, {
    onEvent(event) {
      if (event.type === 'note') say(`train  ${event.text}`);
      if (event.type === 'metrics') {
        course.push({ epoch: event.epoch, ...event.values });
        if (event.values.knn !== undefined) say(`train  epoch ${event.epoch}: kNN ${event.values.knn.toFixed(4)}`);
      }
      if (event.type === 'step' && performance.now() - told > 10_000) {
        told = performance.now();
        say(
          `train  epoch ${event.epoch}/${epochs}, loss ${event.loss.toFixed(3)}, ${event.imagesPerSecond.toFixed(0)} views/s`,
        );
      }
    },
  });
  return { config, pretrained, viewsPerSecond: (2 * pretrained.steps * train.batchSize) / pretrained.seconds, course };
}

/** Accuracy of kNN on the test images: by the representation, and for comparison by the pixels themselves. */
export async function testKnn({ device, train, data, set, work }) {
  const settings = { data, weights: join(work, 'run'), device, k: train.k, precision: 'float32' };
  const { metrics, bank } = await evaluateKnn(parseConfig(knnSchema, settings));
  const pixels = torch.scope(() => {
    const flat = (x) => x.to(device).to('float32').flatten(1).div_(255);
    const labels = set.train.labels.to(device);
    const options = { k: train.k, temperature: 0.5, weighted: true, numClasses: set.classes.length };
    const votes = knn(flat(set.train.images), labels, flat(set.test.images), options);
    return votes.argmax({ dim: 1 }).eq(set.test.labels.to(device)).to('float32').mean().item();
  });
  return { accuracy: metrics.accuracy, byPixels: pixels, k: train.k, bank, queries: metrics.count };
}
