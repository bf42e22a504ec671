/**
 * @file Where the time of a step goes: each phase alone, once with a wait for the GPU after it, once without, which is the time that
 * the host needs to ask for it. The step is written out here; what it is made of is the product's.
 */
import {
  applyViews,
  compute,
  createModel,
  createOptimizer,
  ntXent,
  openImages,
  projectionHead,
  sampleViews,
  torch,
} from './parts.mjs';
import { NORMALISATION, VIEWS } from './sizes.mjs';

/** The defaults of pretrain: no blur. */
const DRAWN = { ...VIEWS, blur: 0 };

/** @returns { waiting: { phase: ms }, asking: { phase: ms }, total: { host, all }, operators } each a step, means of some steps */
export async function breakDown({ device, data, model, precision, sizes }, report) {
  const { batchSize, warmup, steps, profiled } = sizes;
  const gpu = device !== 'cpu';
  await torch.load();
  if (gpu) torch.cuda.configure({ benchmark: true, deterministic: false });
  const set = await openImages(data);
  const { phases, state } = makePhases({ device, model, precision, batchSize, images: set.train.images });
  const wait = () => gpu && torch.cuda.synchronize(device);
  const run = (count, waits) => {
    const sums = Object.fromEntries(Object.keys(phases).map((name) => [name, 0]));
    for (let i = 0; i < count; i++) {
      torch.scope(() => {
        for (const [name, body] of Object.entries(phases)) {
          const start = performance.now();
          body();
          if (waits) wait();
          sums[name] += performance.now() - start;
        }
      });
    }
    return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count]));
  };
  run(warmup, true);
  const result = { model, batchSize, precision, waiting: run(steps, true) };
  report(result);
  wait();
  const start = performance.now();
  result.asking = run(steps, false);
  const host = (performance.now() - start) / steps;
  wait();
  result.total = { host, all: (performance.now() - start) / steps };
  report(result);
  console.log(JSON.stringify(result));
  const table = torch.profile(() => void run(profiled, false));
  result.operators = {
    calls: table.reduce((sum, { calls }) => sum + calls, 0) / profiled,
    milliseconds: (1000 * table.reduce((sum, { seconds }) => sum + seconds, 0)) / profiled,
    slowest: summed(table)
      .slice(0, 40)
      .map(({ name, calls, seconds }) => ({ name, calls: calls / profiled, ms: (1000 * seconds) / profiled })),
  };
  if (state.z) wait();
  return result;
}

/** By name, over all shapes. */
function summed(table) {
  const names = new Map();
  for (const { name, calls, seconds } of table) {
    const one = names.get(name) ?? { name, calls: 0, seconds: 0 };
    names.set(name, { name, calls: one.calls + calls, seconds: one.seconds + seconds });
  }
  return [...names.values()].sort((a, b) => b.seconds - a.seconds);
}

function makePhases({ device, model, precision, batchSize, images }) {
  const encoder = createModel(model, { numClasses: 0 });
  const head = projectionHead(encoder.featureSize);
  encoder.to({ device, memoryFormat: 'channels_last' });
  head.to({ device });
  const named = [...encoder.namedParameters(), ...Array.from(head.namedParameters(), ([n, t]) => [`head.${n}`, t])];
  const settings = { optimizer: 'sgd', momentum: 0.9, weightDecay: 5e-4 };
  const optimizer = createOptimizer(torch.optim.decayGroups(named, 5e-4), settings, 0.01);
  const { run } = compute(device, precision);
  const generator = new torch.Generator(3);
  const state = {};
  const phases = {
    'gather and copy': () => {
      const index = torch.randint(0, images.shape[0], [batchSize], { generator });
      state.images = images.indexSelect(0, index).to(device);
    },
    'views drawn': () => {
      state.drawn = sampleViews(2 * batchSize, images.shape[2], DRAWN, generator);
    },
    'views made': () => {
      state.views = applyViews(state.images, state.drawn, NORMALISATION);
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
  return { phases, state };
}
