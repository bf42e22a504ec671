/** @file Views made a part of the batch at a time, so that what lies between two operations stays in a core's cache. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

/** Mean and standard deviation of each channel; the images become (x - mean) / std. */
export interface Normalisation {
  mean: readonly number[];
  std: readonly number[];
}

/** Bytes of views that are worked on at once; a GPU wants few large pieces, since each operator costs its start. */
const CHUNK_BYTES = { cpu: 1 << 20, cuda: 256 << 20 };
/** Bytes of the views of one image from which on all threads work on each operator. */
const WORTH_ALL_THREADS = 1 << 16;

/**
 * @param images [N, 3, S, S] uint8
 * @param views N * k: k of the first image, then k of the second, ...
 * @param side V, of the views
 * @param make ([n, 3, S, S] float32 in [0, 1], the first of their views, how many there are) -> [3, n * k, V, V], normalised in place
 * @returns [N * k, 3, V, V] float32, channels-last, normalised
 */
export function inChunks(
  images: Tensor,
  { views, side }: { views: number; side: number },
  { mean, std }: Normalisation,
  make: (source: Tensor, from: number, count: number) => Tensor,
): Tensor {
  const [n, c, size] = images.shape as [number, number, number];
  const k = views / n;
  const device = images.device;
  const bytes = k * c * size * size * 4;
  const isGpu = device.startsWith('cuda');
  const inParallel = isGpu || bytes >= WORTH_ALL_THREADS ? torch.noGrad : onOneThread;
  return inParallel(() =>
    torch.scope(() => {
      const result = torch.empty([views, side, side, c], { device });
      const atOnce = isGpu ? CHUNK_BYTES.cuda : CHUNK_BYTES.cpu * torch.getNumThreads();
      const chunk = Math.max(1, Math.floor(atOnce / bytes));
      for (let from = 0; from < n; from += chunk) {
        torch.scope(() => {
          const count = Math.min(chunk, n - from);
          const source = images.narrow(0, from, count).to('float32').div_(255);
          const x = make(source, from * k, count * k);
          for (let i = 0; i < c; i++)
            x.select(0, i)
              .sub_(mean[i]!)
              .mul_(1 / std[i]!);
          result.narrow(0, from * k, count * k).copy_(x.permute([1, 2, 3, 0]));
        });
      }
      return result.permute([0, 3, 1, 2]);
    }),
  );
}

/**
 * A chunk of small views is a thousand operators of some microseconds: on two threads most of the time is waiting for each other,
 * all of it where other programs want the cores as well. One thread makes more such views than a network takes.
 */
export function onOneThread<T>(body: () => T): T {
  return torch.withThreads(1, () => torch.noGrad(body));
}
