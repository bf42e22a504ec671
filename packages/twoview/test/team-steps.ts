/**
 * @file Run by team.test.ts, once in each process of a team: some steps of SimCLR in float64, on views that every process can draw.
 * Process 0 writes losses, first gradients, and what weights and statistics have become.
 */
import * as torch from '@twoview/torch';
import type { LossName } from '../src/config/pretrain.js';
import { createModel } from '../src/index.js';
import { lossOf } from '../src/losses/by-name.js';
import { Team } from '../src/runs/team.js';
import { keepActivations } from '../src/ssl/forward-pass.js';
import { cachedLoss } from '../src/ssl/gradient-cache.js';
import { projectionHead } from '../src/ssl/projection-head.js';
import { sharedLoss, wholeLoss } from '../src/ssl/shared-loss.js';

const [file, mode, steps] = [process.argv[2]!, process.argv[3], Number(process.argv[4])];
const loss = lossOf({ loss: (process.argv[5] ?? 'nt-xent') as LossName, temperature: 0.2 });
type Make = (first?: number, images?: number) => torch.Tensor;
const N = 12;
await torch.load({ threads: 1 });
const team = Team.join();
const { from, count } = team.part(N);

const generator = new torch.Generator(5);
const encoder = createModel('resnet10_narrow', { numClasses: 0, stem: 'cifar-half', generator });
const head = projectionHead(encoder.featureSize, { outputs: 16, generator });
for (const network of [encoder, head]) {
  network.to({ dtype: 'float64', memoryFormat: 'channels_last' });
  network.train(mode !== 'parts'); // parts are normalised one by one, so they equal the whole without batch statistics alone
}
if (team.group !== null) torch.distributed.normaliseTogether([encoder, head], team.group);
const project = (views: torch.Tensor) => head.forward(encoder.features(views));
const named = [
  ...encoder.namedParameters(),
  ...Array.from(head.namedParameters(), ([name, x]) => [`head.${name}`, x] as const),
];
const optimizer = new torch.optim.SGD([{ parameters: named }], { lr: 0.01, momentum: 0.9 });
const parameters = named.map(([, x]) => x);
const reducer = team.group && new torch.distributed.Reducer(parameters, team.group);

const losses: number[] = [];
const first: Record<string, torch.Tensor> = {};
for (let step = 0; step < steps; step++) {
  torch.scope(() => {
    const all = torch.randn([2 * N, 3, 16, 16], { generator: new torch.Generator(step), dtype: 'float64' });
    const make: Make = (first = 0, images = count) =>
      all.narrow(0, 2 * (from + first), 2 * images).contiguous({ memoryFormat: 'channels_last' });
    losses.push(learn(make));
    if (step === 0) for (const [name, x] of named) first[`gradient.${name}`] = torch.keep(x.grad!.clone());
    optimizer.step();
    optimizer.zeroGrad();
  });
}

function learn(make: Make): number {
  const labels = loss.asksForLabels ? torch.arange(N).remainder(4).sub(1).narrow(0, from, count) : null;
  if (mode === 'parts') {
    const options = { microBatch: 2, loss, labels, networks: [encoder, head], team };
    return team.mean(cachedLoss({ images: count, make }, keepActivations(project), options).item());
  }
  const z = project(make());
  if (team.group !== null) {
    const value = sharedLoss(loss, { z, labels }, team.group);
    reducer!.during(() => value.backward());
    return team.mean(value.item());
  }
  const value = wholeLoss(loss, { z, labels });
  value.backward();
  return value.item();
}

if (team.isRankZero) {
  const states = [encoder, head].map((network, i) =>
    Object.fromEntries(Object.entries(network.stateDict()).map(([name, x]) => [`${i}.${name}`, x])),
  );
  torch.safetensors.save(file, { ...first, ...states[0], ...states[1] }, { losses: JSON.stringify(losses) });
}
team[Symbol.dispose]();
