/** @file A step of SimCLR as a list of phases, each a function; what they are made of is the product's. */
import { trainingViews } from './network.mjs';
import { compute, createModel, createOptimizer, ntXent, projectionHead, torch } from './parts.mjs';

/**
 * Call the phases in their order, in a scope.
 *
 * @param images uint8 [M, 3, S, S] @returns {{ phases: Record<string, () => void>, state: object, encoder: object }}
 */
export function makePhases({ device, model, precision, batchSize, images }) {
  const encoder = createModel(model, { numClasses: 0 });
  const head = projectionHead(encoder.featureSize);
  encoder.to({ device, memoryFormat: 'channels_last' });
  head.to({ device });
  const named = [...encoder.namedParameters(), ...Array.from(head.namedParameters(), ([n, t]) => [`head.${n}`, t])];
  const settings = { optimizer: 'sgd', momentum: 0.9, weightDecay: 5e-4 };
  const optimizer = createOptimizer(torch.optim.decayGroups(named, 5e-4), settings, 0.01);
  const { run } = compute(device, precision);
  const there = torch.keep(images.to(device));
  const state = { step: 0 };
  const phases = {
    views: () => {
      const indices = torch.randint(0, there.shape[0], [batchSize], { device });
      state.views = trainingViews(there, indices, { seed: 3, step: state.step++ });
    },
    encoder: () => {
      state.h = run(() => encoder.features(state.views));
    },
    'projection head': () => {
      state.z = run(() => head.forward(state.h));
    },
    loss: () => {
      const [a, b] = torch.ops.unbind(state.z.reshape([batchSize, 2, -1]), 1);
      state.loss = ntXent(a, b);
    },
    backward: () => state.loss.backward(),
    optimizer: () => {
      optimizer.step();
      optimizer.zeroGrad();
    },
  };
  return { phases, state, encoder };
}
