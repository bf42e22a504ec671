/** @file How a network is computed: device, precision, memory format. `auto` is settled by a short measurement and printed. */

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

/** Times a few training steps of the network in both precisions, in turns, and takes the faster. */
export function choosePrecision(model: torch.nn.Module, imageSize: number, device: string): Measured {
  // Running statistics must not remember the zeros.
  const saved = Object.entries(model.stateDict()).map(([key, tensor]): [string, Tensor] => [
    key,
    torch.scope(() => tensor.detach().clone()),
  ]);
  const step = (precision: Precision) => () => trainOn(model, imageSize, compute(device, precision));
  const least = leastSeconds({ float32: step('float32'), bfloat16: step('bfloat16') }, { repeats: REPEATS, device });
  torch.noGrad(() => model.loadStateDict(Object.fromEntries(saved)));
  for (const [, tensor] of saved) tensor.dispose();
  for (const tensor of model.parameters()) tensor.grad = null;
  const ratio = least.float32 / least.bfloat16;
  return ratio > 1
    ? { precision: 'bfloat16', reason: `${ratio.toFixed(1)}x the speed of float32, measured here` }
    : { precision: 'float32', reason: `${(1 / ratio).toFixed(1)}x the speed of bfloat16, measured here` };
}

function trainOn(model: torch.nn.Module, imageSize: number, { device, run }: Compute): void {
  const x = torch.zeros([BATCH, 3, imageSize, imageSize], { device }).contiguous({ memoryFormat: 'channels_last' });
  run(() => model.forward(x))
    .to('float32')
    .sum()
    .backward();
}
