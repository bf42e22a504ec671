/** @file How fast this machine trains, and how near that is to its limits: a step of SimCLR on random views. */
import type { OperatorTime } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { BenchConfig } from '../config/bench.js';
import type { Precision } from '../models/compute.js';
import { multiplyAdds, TRAINING_PASSES } from '../models/multiply-adds.js';
import { measurePeaks, type Peaks } from '../models/peaks.js';
import { place } from '../models/resolve.js';
import { stemFor } from '../models/stem.js';
import type { JobIo } from '../runs/events.js';
import { loadEngine } from '../runs/load-engine.js';
import { Owned } from '../runs/owned.js';
import { endIfAsked } from '../runs/stops.js';
import { bareOptimizer, bareStep } from './bare-step.js';
import { initialNetworks } from './networks.js';

const WARM_UP = 2;
/** A backward pass computes a gradient of the input and one of the weights, each as much work as the forward pass. */

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
  await loadEngine(config);
  using owned = new Owned();
  const { model, imageSize, batchSize } = config;
  const stem = stemFor(config.stem, imageSize);
  const head = { projectionSize: 128, projectionLayers: 2 };
  const networks = initialNetworks({ model, stem, seed: 0, ...head }, owned, imageSize);
  const { encoder } = networks;
  const work = multiplyAdds(encoder, imageSize);
  const compute = place(encoder, { name: `${model} ${stem}`, imageSize }, config, io);
  networks.head.to({ device: compute.device });
  const optimizer = owned.add(bareOptimizer(networks));
  const views = owned.add(
    torch
      .randn([2 * batchSize, 3, imageSize, imageSize], { device: compute.device })
      .contiguous({ memoryFormat: 'channels_last' }),
  );
  const step = () => void bareStep(networks, optimizer, compute, views);
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
  const flopsPerStep = 2 * work * 2 * batchSize * TRAINING_PASSES;
  return {
    ...{ model, stem, device: compute.device, precision: compute.precision, threads: torch.getNumThreads() },
    ...{ views: 2 * batchSize, secondsPerStep, viewsPerSecond: (2 * batchSize) / secondsPerStep },
    ...{ flopsPerStep, flopsPerSecond: flopsPerStep / secondsPerStep },
    peaks: measurePeaks(compute.device),
    operators,
  };
}
