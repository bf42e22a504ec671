/** @file The network that suits images and machine, where none was named: docs/speedrun.md has the comparison. */
import * as torch from '@twoview/torch';
import { SMALL } from './stem.js';

/** For small images on a CPU the one that learns most per minute there. @param device as asked for: `auto` is the GPU where there is one */
export function modelFor(model: string, { imageSize, device }: { imageSize: number; device: string }): string {
  if (model !== 'auto') return model;
  const onCpu = device === 'cpu' || (device === 'auto' && !torch.cuda.isAvailable());
  return onCpu && imageSize <= SMALL ? 'airbench' : 'resnet18';
}
