/** @file The bare training step of ResNet-18 that two rows compare with. */
import { compute } from '../../packages/twoview/dist/src/models/compute.js';
import { createModel } from '../../packages/twoview/dist/src/models/create-model.js';
import { bareOptimizer, bareStep } from '../../packages/twoview/dist/src/ssl/bare-step.js';
import { projectionHead } from '../../packages/twoview/dist/src/ssl/projection-head.js';

/** @returns {(precision: 'float32' | 'bfloat16') => number} one step, and its loss */
export function stepOn(views) {
  const encoder = createModel('resnet18', { numClasses: 0, stem: 'cifar' });
  const networks = { encoder, head: projectionHead(encoder.featureSize, { outputs: 128 }) };
  encoder.to({ memoryFormat: 'channels_last' });
  const optimizer = bareOptimizer(networks);
  return (precision) => bareStep(networks, optimizer, compute('cpu', precision), views);
}
