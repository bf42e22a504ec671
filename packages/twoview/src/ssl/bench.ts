/** @file How fast this machine trains, and how near that is to its limits: a step of SimCLR on random views. */
import type { OperatorTime } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { BenchConfig } from '../config/bench.js';
import { parseConfig } from '../config/parse.js';
import { pretrainSchema } from '../config/pretrain.js';
import type { Precision } from '../models/compute.js';
import { multiplyAdds } from '../models/multiply-adds.js';
import { measurePeaks, type Peaks } from '../models/peaks.js';
import { place } from '../models/resolve.js';
import type { JobIo } from '../runs/events.js';
import { Owned } from '../runs/owned.js';
import { endIfAsked } from '../runs/stops.js';
import { initialNetworks } from './networks.js';
import { ntXent } from './ntxent.js';

const WARM_UP = 2;
/** A backward pass computes a gradient of the input and one of the weights, each as much work as the forward pass. */
const PASSES = 3;

export interface BenchResult {
  model: string;
  stem: string;
  device: string;
  precision: Precision;
  threads: number;
  /** 2N of a step. */
  views: number;
  /** Median over the steps. */
  secondsPerStep: number;
  viewsPerSecond: number;
  /** Of the convolutions and linear layers of the encoder alone, two for a multiply-add. */
  flopsPerStep: number;
  flopsPerSecond: number;
  peaks: Peaks;
  /** Of one step, the slowest first; null where no profile was asked for. */
  operators: OperatorTime[] | null;
}

/** @throws TwoviewError MODEL_UNKNOWN, INTERRUPTED; TorchError */
export async function bench(config: BenchConfig, io: JobIo = {}): Promise<BenchResult> {
  await torch.load(config.threads === 'auto' ? {} : { threads: config.threads });
  using owned = new Owned();
  const { model, stem, imageSize, batchSize } = config;
  const networks = initialNetworks(parseConfig(pretrainSchema, { model, stem, data: '', out: '' }), owned);
  const { encoder, head } = networks;
  const work = multiplyAdds(encoder, imageSize);
  const compute = place(encoder, { name: `${model} ${stem}`, imageSize }, config, io);
  head.to({ device: compute.device });
  const parameters = [...encoder.namedParameters(), ...head.namedParameters()].map(([, x], i) => [`${i}`, x] as const);
  const optimizer = owned.add(
    new torch.optim.SGD(torch.optim.decayGroups(parameters, 5e-4), { lr: 0.01, momentum: 0.9 }),
  );
  const views = owned.add(
    torch
      .randn([2 * batchSize, 3, imageSize, imageSize], { device: compute.device })
      .contiguous({ memoryFormat: 'channels_last' }),
  );
  const step = () => {
    using loss = torch.scope(() => {
      const z = compute.run(() => head.forward(encoder.features(views)));
      const [zA, zB] = torch.ops.unbind(z.reshape([batchSize, 2, -1]), 1);
      return ntXent(zA!, zB!);
    });
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    loss.item(); // waits for a GPU
  };
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + config.steps; i++) {
    const start = performance.now();
    step();
    if (i >= WARM_UP) times.push((performance.now() - start) / 1000);
    io.onEvent?.({ type: 'progress', phase: 'bench', done: i + 1, total: WARM_UP + config.steps, unit: 'steps' });
    await new Promise(setImmediate); // lets Ctrl-C through
    endIfAsked(io.signal);
  }
  const operators = config.profile ? torch.profile(step) : null;
  const secondsPerStep = times.sort((a, b) => a - b)[times.length >> 1]!;
  const flopsPerStep = 2 * work * 2 * batchSize * PASSES;
  return {
    ...{ model, stem, device: compute.device, precision: compute.precision, threads: torch.getNumThreads() },
    ...{ views: 2 * batchSize, secondsPerStep, viewsPerSecond: (2 * batchSize) / secondsPerStep },
    ...{ flopsPerStep, flopsPerSecond: flopsPerStep / secondsPerStep },
    peaks: measurePeaks(compute.device),
    operators,
  };
}
