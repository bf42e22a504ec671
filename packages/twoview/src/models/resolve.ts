/** @file What `auto` becomes on this machine; every choice is said aloud, with its reason. */
import * as torch from '@twoview/torch';
import type { JobIo } from '../runs/events.js';
import {
  type Compute,
  choosePrecision,
  compute,
  costOfDeterminism,
  FREE_ALGORITHMS,
  type Precision,
} from './compute.js';
import { measuredOnce } from './measured.js';

export interface MachineSettings {
  device: string;
  precision: 'auto' | Precision;
  deterministic: boolean;
}

/**
 * Puts the network on its device and memory format, and resolves the precision.
 *
 * @param name what the measurement is kept under
 * @throws TorchError CUDA_UNAVAILABLE when a GPU is asked for and there is none
 */
export function place(
  model: torch.nn.Module,
  { name, imageSize }: { name: string; imageSize: number },
  { device, precision, deterministic }: MachineSettings,
  { onEvent }: JobIo,
): Compute {
  const on = device === 'auto' ? (torch.cuda.isAvailable() ? 'cuda' : 'cpu') : device;
  const gpu = on.startsWith('cuda') ? torch.cuda.deviceName(on) : null;
  const where = gpu === null ? on : `${on} (${gpu})`;
  model.to({ device: on, memoryFormat: 'channels_last' });
  if (gpu !== null) torch.cuda.configure(deterministic ? {} : FREE_ALGORITHMS);
  const say = (chosen: Precision, reason: string) =>
    onEvent?.({ type: 'note', text: `device ${where}, memory format channels-last, precision ${chosen} (${reason})` });
  if (precision !== 'auto') {
    say(precision, 'as set');
    return compute(on, precision);
  }
  const measured = measuredOnce(`precision of ${name} at ${imageSize} pixels on ${where}`, () =>
    choosePrecision(model, imageSize, on),
  );
  say(measured.precision, measured.reason);
  return compute(on, measured.precision);
}

/** Says what a GPU pays for the same bits in every run; nothing on a CPU, whose algorithms all are so. */
export function sayDeterminism(
  model: torch.nn.Module,
  { name, imageSize }: { name: string; imageSize: number },
  { deterministic }: MachineSettings,
  compute: Compute,
  { onEvent }: JobIo,
): void {
  if (!compute.device.startsWith('cuda')) return;
  const say = (text: string) => onEvent?.({ type: 'note', text });
  if (!deterministic) {
    say('not deterministic: a run that is resumed may end with other bits');
    return;
  }
  const where = torch.cuda.deviceName(compute.device);
  const ratio = measuredOnce(`determinism of ${name} at ${imageSize} pixels in ${compute.precision} on ${where}`, () =>
    costOfDeterminism(model, imageSize, compute),
  );
  say(`deterministic algorithms: --no-deterministic would be ${ratio.toFixed(2)}x as fast, measured here`);
}
