/** @file Representations or logits of whole sets, batch by batch, in evaluation mode. */

import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Normalisation } from '../augment/chunks.js';
import type { Compute } from '../models/compute.js';
import type { JobIo } from '../runs/events.js';
import { Owned } from '../runs/owned.js';
import { endIfAsked } from '../runs/stops.js';
import { type Crops, fixedViews } from './crops.js';

/**
 * How many images of a side a network looks at together: 128 small ones, for twice as many would be 1 to 4 % faster in ResNet-18
 * with twice the memory; fewer large ones, whose maps are larger.
 */
export const evaluationBatch = (side: number): number =>
  Math.min(128, Math.max(16, Math.floor((128 * 32 ** 2) / side ** 2)));

export interface OverImages {
  normalisation: Normalisation;
  compute: Compute;
  /** Views of each image whose outputs are averaged; the image as it is where they are left out. */
  crops?: Crops;
  /** Under which name progress is told; without one it is not. */
  phase?: string;
  io?: JobIo;
}

/**
 * @param images [N, 3, S, S] uint8
 * @param network what to compute of a batch; its module must be in evaluation mode
 * @returns [N, ...] float32
 * @throws TwoviewError INTERRUPTED
 */
export async function overImages(
  images: Tensor,
  network: (x: Tensor) => Tensor,
  { normalisation, compute, crops = 1, phase, io = {} }: OverImages,
): Promise<Tensor> {
  using owned = new Owned();
  const parts: Tensor[] = [];
  const count = images.shape[0]!;
  const together = evaluationBatch(images.shape[3]!);
  const viewsOf = fixedViews(crops, { normalisation, device: compute.device });
  for (let from = 0; from < count; from += together) {
    const part = torch.scope(() =>
      torch.noGrad(() => {
        const batch = images.narrow(0, from, Math.min(together, count - from)).to(compute.device);
        const said = viewsOf(batch, from).map((view) =>
          torch.scope(() => compute.run(() => network(view())).to('float32')),
        );
        return said.length === 1 ? said[0]! : torch.stack(said).mean([0]);
      }),
    );
    parts.push(owned.add(part));
    const done = Math.min(from + together, count);
    if (phase !== undefined) io.onEvent?.({ type: 'progress', phase, done, total: count, unit: 'images' });
    await new Promise(setImmediate); // lets Ctrl-C through
    endIfAsked(io.signal);
  }
  return torch.cat(parts);
}
