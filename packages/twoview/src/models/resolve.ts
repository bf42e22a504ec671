/** @file What `auto` becomes on this machine; every choice is said aloud, with its reason. */
import * as torch from '@twoview/torch';
import type { JobIo } from '../runs/events.js';
import { type Compute, choosePrecision, compute, type Precision } from './compute.js';

export interface MachineSettings {
  device: string;
  precision: 'auto' | Precision;
}

/** Puts the network on its device and memory format, and settles the precision. */
export function place(
  model: torch.nn.Module,
  imageSize: number,
  { device, precision }: MachineSettings,
  { onEvent }: JobIo,
): Compute {
  const on = device === 'auto' ? (torch.buildInfo().cuda ? 'cuda' : 'cpu') : device;
  model.to({ device: on, memoryFormat: 'channels_last' });
  if (precision !== 'auto') return compute(on, precision);
  const { precision: chosen, reason } = choosePrecision(model, imageSize, on);
  onEvent?.({ type: 'note', text: `device ${on}, memory format channels-last, precision ${chosen} (${reason})` });
  return compute(on, chosen);
}
