/** @file The child that lays out a UMAP of all images, map by map, and is niced: nobody waits for it to label. */
import * as torch from '@twoview/torch';
import { settlingUmap } from 'twoview';
import type { Tools } from './protocol.js';
import { serve } from './serve.js';

/** Told while it settles, and returned at the end. */
export interface LaidOut {
  /** [count, 2] by image, NaN where there is no representation. */
  positions: Float32Array;
  epoch: number;
  epochs: number;
}

const functions = {
  /** @param files safetensors as `embed` writes them, one after the other; `ids` the image of each of their rows */
  settle: async (
    { files, ids, count }: { files: string[]; ids: Int32Array; count: number },
    { tell, signal }: Tools,
  ): Promise<LaidOut> => {
    await torch.load({ flushDenormal: true });
    using h = torch.scope(() =>
      torch.cat(files.map((file) => torch.safetensors.load(file).tensors.features!.to('float32'))),
    );
    let last: LaidOut = { positions: new Float32Array(2 * count).fill(Number.NaN), epoch: 0, epochs: 0 };
    for await (const { points, epoch, epochs } of settlingUmap(h)) {
      signal.throwIfAborted();
      const positions = new Float32Array(2 * count).fill(Number.NaN);
      ids.forEach((id, row) => {
        positions.set(points.subarray(2 * row, 2 * row + 2), 2 * id);
      });
      last = { positions, epoch, epochs };
      if (epoch < epochs) tell(last);
    }
    return last;
  },
};

export type MapChild = {
  [Name in keyof typeof functions]: (
    args: Parameters<(typeof functions)[Name]>[0],
  ) => ReturnType<(typeof functions)[Name]>;
};

serve(functions);
