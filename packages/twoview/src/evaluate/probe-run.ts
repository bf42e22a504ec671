/** @file `twoview probe`: how much a linear classifier makes of the frozen representations. */
import * as torch from '@twoview/torch';
import type { ProbeConfig } from '../config/evaluate.js';
import { labelSubset } from '../data/indices.js';
import { labelledTest } from '../data/labelled-test.js';
import { imagesOf } from '../own/images.js';
import type { OwnIo } from '../own/own.js';
import { loadEngine } from '../runs/load-engine.js';
import { indexTensor, openFrozen } from './frozen.js';
import { type Metrics, metricsOf } from './metrics.js';
import { trainProbe } from './probe.js';

export interface ProbeResult {
  model: string;
  labels: number;
  trainLoss: number;
  /** Of L-BFGS. */
  steps: number;
  converged: boolean;
  notes: string[];
  metrics: Metrics;
  seconds: number;
}

/** @throws TwoviewError, TorchError */
export async function evaluateProbe(config: ProbeConfig, io: OwnIo = {}): Promise<ProbeResult> {
  await loadEngine(config);
  using set = await imagesOf(config.data, config, io);
  const test = labelledTest(set);
  const started = performance.now();
  const chosen = labelSubset(set.train, set.classes, config);
  using encoder = await openFrozen(config, set, io);
  using index = indexTensor(chosen);
  using images = set.train.images.indexSelect(0, index);
  using trained = await encoder.features(images, 'features of the training images');
  using tested = await encoder.features(test.images, 'features of the test images');
  using labels = torch.scope(() => set.train.labels.indexSelect(0, index).to(trained.device));
  const probe = trainProbe(trained, labels, { numClasses: set.classes.length, ...config });
  const metrics = torch.scope(() => metricsOf(probe.logits(tested).to('cpu'), test.labels));
  probe.dispose();
  if (!probe.converged) {
    io.onEvent?.({
      type: 'warning',
      text: `the probe is not at its minimum after ${probe.steps} steps; --iterations MORE`,
    });
  }
  return {
    model: encoder.model,
    labels: chosen.length,
    trainLoss: probe.loss,
    steps: probe.steps,
    converged: probe.converged,
    notes: set.notes,
    metrics,
    seconds: (performance.now() - started) / 1000,
  };
}
