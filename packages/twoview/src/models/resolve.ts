/** @file What `auto` becomes on this machine; every choice is said aloud, with its reason. */
import * as torch from '@twoview/torch';
import type { JobIo } from '../runs/events.js';
import { type Compute, choosePrecision, compute, type Precision } from './compute.js';
import { measuredOnce } from './measured.js';

export interface MachineSettings {
  device: string;
  precision: 'auto' | Precision;
}

/**
 * Puts the network on its device and memory format, and settles the precision.
 *
 * @param name what the measurement is kept under
 * @throws TorchError CUDA_UNAVAILABLE when a GPU is asked for and there is none
 */
export function place(
  model: torch.nn.Module,
  { name, imageSize }: { name: string; imageSize: number },
  { device, precision }: MachineSettings,
  { onEvent }: JobIo,
): Compute {
  const on = device === 'auto' ? (torch.cuda.isAvailable() ? 'cuda' : 'cpu') : device;
  const gpu = on.startsWith('cuda') ? torch.cuda.deviceName(on) : null;
  const where = gpu === null ? on : `${on} (${gpu})`;
  model.to({ device: on, memoryFormat: 'channels_last' });
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
