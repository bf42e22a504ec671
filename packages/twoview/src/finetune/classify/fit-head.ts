/** @file The classifier that the settings of `classify` ask for, fitted. */
import * as torch from '@twoview/torch';
import type { ClassifyConfig } from '../../config/classify.js';
import { TwoviewError } from '../../errors.js';
import { indexTensor } from '../../evaluate/frozen.js';
import { neighbourGraph } from '../../evaluate/heads/graph.js';
import type { Head } from '../../evaluate/heads/head.js';
import { logisticHead } from '../../evaluate/heads/logistic.js';
import { propagatedHead } from '../../evaluate/heads/propagated.js';
import { ridgeHead } from '../../evaluate/heads/ridge.js';
import { scaleOf } from '../../evaluate/heads/scale.js';
import type { JobIo } from '../../runs/events.js';
import type { ClassifyFeatures } from './features-of.js';

/** @throws TwoviewError CONFIG_INVALID where test images were to be used by a method that cannot */
export function requireMethod({ transductive, method }: ClassifyConfig): void {
  if (!transductive || method === 'propagate') return;
  throw new TwoviewError('CONFIG_INVALID', {
    what: `${method} does not look at images without labels, so that there is nothing to do with those that are tested on`,
    where: '--transductive',
    next: ['--method propagate --transductive', 'leave --transductive out'],
  });
}

/** @throws TwoviewError LABELS_MISSING for labels of fewer than two classes */
export function fitHead(features: ClassifyFeatures, numClasses: number, config: ClassifyConfig, io: JobIo): Head {
  const { trained, labelled, labels } = features;
  using scale = scaleOf(trained);
  if (config.method === 'propagate') return fitPropagated(features, { numClasses, scale }, config, io);
  using known = torch.scope(() => trained.indexSelect(0, indexTensor(labelled)));
  const options = { numClasses, scale, seed: config.seed };
  return config.method === 'ridge' ? ridgeHead(known, labels, options) : logisticHead(known, labels, options);
}

function fitPropagated(
  { trained, evaluated, labelled, labels }: ClassifyFeatures,
  options: { numClasses: number; scale: ReturnType<typeof scaleOf> },
  { neighbours, gamma, alpha, transductive, seed }: ClassifyConfig,
  io: JobIo,
): Head {
  const note = (text: string) => io.onEvent?.({ type: 'note', text });
  using joined = transductive ? torch.cat([trained, evaluated]) : trained.detach();
  if (transductive)
    note(`transductive: labels are spread over the ${evaluated.shape[0]} images that are tested on as well`);
  using graph = neighbourGraph(joined, { k: neighbours, gamma });
  if (graph.k < neighbours) note(`${graph.k} neighbours instead of ${neighbours}: there are no more images`);
  return propagatedHead(joined, labelled, labels, { ...options, seed, alpha, graph });
}
