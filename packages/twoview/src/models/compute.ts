/** @file How a network is computed: device, precision, memory format. `auto` is resolved by a short measurement and printed. */

import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { leastSeconds } from './timing.js';

export type Precision = 'float32' | 'bfloat16';

export interface Compute {
  device: string;
  precision: Precision;
  /** Runs a forward pass in this precision. */
  run<T>(body: () => T): T;
}

export function compute(device: string, precision: Precision): Compute {
  return {
    device,
    precision,
    run: (body) => torch.autocast({ device, dtype: 'bfloat16', enabled: precision === 'bfloat16' }, body),
  };
}

export interface Measured {
  precision: Precision;
  /** Why, in words: the measured ratio. */
  reason: string;
}

const BATCH = 32;
const REPEATS = 3;

/** GPUs from here on have units for bfloat16, which is then at least twice as fast; a short measurement would time their start alone. */
const BFLOAT16_CAPABILITY = 8;

/** What a GPU's precision is, or a few training steps of the network on a CPU in both precisions, in turns, and the faster of them. */
export function choosePrecision(model: torch.nn.Module, imageSize: number, device: string): Measured {
  if (device.startsWith('cuda')) {
    const { major, minor } = torch.cuda.properties(device);
    const precision = major >= BFLOAT16_CAPABILITY ? 'bfloat16' : 'float32';
    return { precision, reason: `a GPU of compute capability ${major}.${minor}` };
  }
  const step = (precision: Precision) => () => trainOn(model, BATCH, imageSize, compute(device, precision));
  const bodies = { float32: step('float32'), bfloat16: step('bfloat16') };
  const ratio = () => {
    const least = leastSeconds(bodies, { repeats: REPEATS, device });
    return least.float32 / least.bfloat16;
  };
  // Threads that wait for each other wait longest while other programs run, and in bfloat16 they wait more often; the choice would be kept.
  return torch.withThreads(1, () => withoutTrace(model, () => byRatio(ratio)));
}

/** bfloat16 keeps 8 bits of a number's 24: it must be worth that. */
const MARGIN = 1.15;

/** @param measure how many times the speed of float32 bfloat16 has; asked twice, and a third time where the two disagree */
export function byRatio(measure: () => number): Measured {
  const tries = [measure(), measure()];
  const isFast = (ratio: number) => ratio >= MARGIN;
  if (isFast(tries[0]!) !== isFast(tries[1]!)) tries.push(measure());
  const ratio = tries.sort((a, b) => a - b)[(tries.length - 1) >> 1]!;
  return isFast(ratio)
    ? { precision: 'bfloat16', reason: `${ratio.toFixed(1)}x the speed of float32, measured here` }
    : {
        precision: 'float32',
        reason: `bfloat16 has ${ratio.toFixed(2)}x its speed here; it is taken from ${MARGIN}x on`,
      };
}

/** Pixels of the images that a GPU's algorithms are timed on: enough to keep it busy. */
const GPU_PIXELS = 128 * 32 ** 2;

/** @returns how many times as fast a training step is where cuDNN may choose algorithms whose bits differ from run to run */
export function costOfDeterminism(model: torch.nn.Module, imageSize: number, { device, precision }: Compute): number {
  const batch = Math.max(16, Math.floor(GPU_PIXELS / imageSize ** 2));
  const step = (settings: torch.cuda.CudaSettings) => () => {
    torch.cuda.configure(settings);
    trainOn(model, batch, imageSize, compute(device, precision));
  };
  const bodies = { deterministic: step({}), free: step(FREE_ALGORITHMS) };
  const least = withoutTrace(model, () => leastSeconds(bodies, { repeats: REPEATS, device, times: 4 }));
  torch.cuda.configure();
  return least.deterministic / least.free;
}

export const FREE_ALGORITHMS = { benchmark: true, deterministic: false };

/** Running statistics and gradients are afterwards as they were. */
function withoutTrace<T>(model: torch.nn.Module, body: () => T): T {
  const saved = Object.entries(model.stateDict()).map(([key, tensor]): [string, Tensor] => [
    key,
    torch.scope(() => tensor.detach().clone()),
  ]);
  const result = body();
  torch.noGrad(() => model.loadStateDict(Object.fromEntries(saved)));
  for (const [, tensor] of saved) tensor.dispose();
  for (const tensor of model.parameters()) tensor.grad = null;
  return result;
}

/** A step without an optimizer, on black images. */
export function trainOn(model: torch.nn.Module, batch: number, imageSize: number, { device, run }: Compute): void {
  const x = torch.zeros([batch, 3, imageSize, imageSize], { device }).contiguous({ memoryFormat: 'channels_last' });
  run(() => model.forward(x))
    .to('float32')
    .sum()
    .backward();
}
