/** @file `twoview knn`: how well the nearest training images name the test images. */
import * as torch from '@twoview/torch';
import type { KnnConfig } from '../config/evaluate.js';
import { labelledTest } from '../data/labelled-test.js';
import { imagesOf } from '../own/images.js';
import type { OwnIo } from '../own/own.js';
import { loadEngine } from '../runs/load-engine.js';
import { openFrozen } from './frozen.js';
import { knnVotes, REPORTED } from './knn.js';
import { type Metrics, metricsOf } from './metrics.js';

export interface KnnResult {
  model: string;
  k: number;
  temperature: number;
  weighted: boolean;
  /** Training images among which neighbours were sought. */
  bank: number;
  notes: string[];
  metrics: Metrics;
  /** Accuracy at the settings that others report, but those that ask for more neighbours than there are. */
  others: { k: number; temperature: number; accuracy: number }[];
  seconds: number;
}

/** @throws TwoviewError, TorchError */
export async function evaluateKnn(config: KnnConfig, io: OwnIo = {}): Promise<KnnResult> {
  await loadEngine(config);
  using set = await imagesOf(config.data, config, io);
  const test = labelledTest(set);
  const started = performance.now();
  using encoder = await openFrozen(config, set, io);
  using bank = await encoder.features(set.train.images, 'features of the training images');
  using queries = await encoder.features(test.images, 'features of the test images');
  const asked = { k: config.k, temperature: config.knnTemperature, weighted: config.weighted };
  const { metrics, others } = torch.scope(() => {
    const labels = set.train.labels.to(bank.device);
    const voters = labels.ge(0).sum().item();
    const settings = [asked, ...REPORTED.filter(({ k }) => k <= voters)];
    const [votes, ...more] = knnVotes(bank, labels, queries, settings, { numClasses: set.classes.length }).map((one) =>
      metricsOf(one.log().to('cpu'), test.labels),
    );
    const others = more.map(({ accuracy }, i) => ({ ...settings[i + 1]!, accuracy }));
    return { metrics: votes!, others };
  });
  return {
    model: encoder.model,
    k: config.k,
    temperature: config.knnTemperature,
    weighted: config.weighted,
    bank: set.train.count,
    notes: set.notes,
    metrics,
    others,
    seconds: (performance.now() - started) / 1000,
  };
}
