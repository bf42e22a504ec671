/** @file A step of SimCLR as a list of phases, each a function; what they are made of is the product's. */
import {
  applyViews,
  compute,
  createModel,
  createOptimizer,
  draws,
  ntXent,
  projectionHead,
  sampleViews,
  streamKey,
  suitsGpu,
  torch,
  viewsOnGpu,
} from './parts.mjs';
import { NORMALISATION, VIEWS } from './sizes.mjs';

/** The defaults of pretrain: no blur. */
const DRAWN = { ...VIEWS, blur: 0 };

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
      const step = state.step++;
      if (suitsGpu(device, images.shape[2], DRAWN)) {
        const keyOf = (purpose) => streamKey(3, `views/${purpose}`, step);
        state.views = viewsOnGpu({ images: there, indices, first: 0, keyOf }, DRAWN, NORMALISATION);
      } else {
        const draw = draws(3, 'views', step, { count: 2 * batchSize }, device);
        const drawn = sampleViews(images.shape[2], DRAWN, draw);
        state.views = applyViews(there.indexSelect(0, indices), drawn, NORMALISATION);
      }
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
