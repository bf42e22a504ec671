/**
 * @file Images that show the same picture: cut by up to a tenth, compressed again, lighter or darker, mirrored. In three steps, each on
 * what the one before has left: low frequencies of the colours, each image with each (twin-candidates.ts); the same against five windows;
 * mean colours of 16 x 16 cells against twenty-six. Both are of unit length and without the mean, so brightness does not matter.
 * How well it finds planted twins is in docs/data.md, CIFAR-10's own in docs/results/cifar10-twins, what else was tried in docs/tried.md.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { Owned } from '../../runs/owned.js';
import { endIfAsked } from '../../runs/stops.js';
import { askedOf, candidatesIn, type Pairs } from './twin-candidates.js';
import { coloursOf, FLAT, gridsOf, inBlocks, reduced, WHOLE, windows } from './twin-colours.js';
import { wavesOf } from './twin-waves.js';

export interface NearTwin {
  /** Rows of the images; `first` < `second`. */
  first: number;
  second: number;
  /** Of their colours, from LEAST to 1. */
  similarity: number;
  mirrored: boolean;
}

/** Pairs below this are left out after the second step. Planted twins lie above 0.91; of 56 CIFAR-10 pairs below, two in three were no twins. */
const CLOSER = 0.88;
/** Twins; all planted ones but one in a hundred lie above 0.97, pairs of different pictures below 0.945. */
const LEAST = 0.955;
const COARSE = windows(0.9, [0.2, 0.8]);
const FINE = windows(0.9, [0, 0.25, 0.5, 0.75, 1]);
/** Pairs at once, in the second and the third step. */
const PAIRS = 4096;
const FINE_PAIRS = 128;

/** @param images [N, 3, S, S] uint8 each @returns pairs among all of them, in the order of `first`; rows go on from one tensor to the next */
export async function nearTwins(
  images: readonly Tensor[],
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
): Promise<NearTwin[]> {
  const pause = async () => {
    await new Promise(setImmediate);
    endIfAsked(signal);
  };
  using small = torch.scope(() => torch.cat(images.map(reduced))); //      [M, 3, 32, 32] uint8
  const count = small.shape[0]!;
  if (count < 2) return [];
  using queries = askedOf(small); //                                        [2 M, 72]
  const candidates = await candidatesIn(small, queries, async (done) => {
    onProgress?.(done, count);
    await pause();
  });
  using _candidatesAsked = candidates.asked;
  using _candidatesKey = candidates.key;
  const closer = await closerOf(small, queries, candidates, pause);
  using _closerAsked = closer.asked;
  using _closerKey = closer.key;
  const similarity = await similarityOf(small, closer, pause);
  const best = new Map<number, NearTwin>();
  const [asked, key] = [closer.asked, closer.key].map((rows) => rows.tolist() as number[]);
  similarity.forEach((value, i) => {
    if (value < LEAST) return;
    const [row, other] = [asked![i]! % count, key![i]!];
    const [first, second] = row < other ? [row, other] : [other, row];
    const known = best.get(first * count + second);
    if (known !== undefined && known.similarity >= value) return;
    best.set(first * count + second, {
      ...{ first, second },
      similarity: Math.min(1, value),
      mirrored: asked![i]! >= count,
    });
  });
  return [...best.values()].sort((a, b) => a.first - b.first || a.second - b.second);
}

/** Pairs whose asked image is like one of a few windows of the other, by the numbers that named them. @returns in the order of `key` */
async function closerOf(
  small: Tensor,
  queries: Tensor,
  { asked, key }: Pairs,
  pause: () => Promise<void>,
): Promise<Pairs> {
  using keys = torch.scope(() => {
    const whole = queries.narrow(0, 0, small.shape[0]!).unsqueeze(1); //                      [M, 1, 72]
    return torch.cat([whole, inBlocks(small, (x) => wavesOf(x, COARSE))], 1); //              [M, 5, 72]
  });
  using owned = new Owned();
  const similar = [owned.add(torch.zeros([0], { dtype: 'bool' }))];
  for (let from = 0; from < asked.numel(); from += PAIRS) {
    const some = (rows: Tensor) => rows.narrow(0, from, Math.min(PAIRS, rows.numel() - from));
    const near = torch.scope(() => {
      const query = queries.indexSelect(0, some(asked)).unsqueeze(2); //                       [P, 72, 1]
      return keys.indexSelect(0, some(key)).bmm(query).amax([1, 2]).ge(CLOSER);
    });
    similar.push(owned.add(near));
    await pause();
  }
  return torch.scope(() => {
    const right = torch.cat(similar);
    const [row, other] = [asked.maskedSelect(right), key.maskedSelect(right)];
    const order = other.argsort();
    return { asked: row.indexSelect(0, order), key: other.indexSelect(0, order) };
  });
}

/**
 * With more and finer windows, of the images that are in these pairs alone. Pairs with one image as key stand side by side, so that its
 * windows are made once for all of them.
 */
async function similarityOf(small: Tensor, { asked, key }: Pairs, pause: () => Promise<void>): Promise<number[]> {
  const count = small.shape[0]!;
  const all: number[] = [];
  for (let from = 0; from < asked.numel(); from += FINE_PAIRS) {
    const some = (rows: Tensor) => rows.narrow(0, from, Math.min(FINE_PAIRS, rows.numel() - from));
    const similar: number[] = torch.scope(() => {
      const rows = some(asked);
      const plain = small.indexSelect(0, rows.remainder(count));
      const mirrored = rows.ge(count).reshape([-1, 1, 1, 1]);
      const query = coloursOf(torch.where(mirrored, plain.flip([3]), plain), 16, [WHOLE]); //    [P, 1, 768]
      const [keys, at] = some(key).uniqueConsecutive({ returnInverse: true });
      const windowed = small.indexSelect(0, keys);
      return [[WHOLE], FINE]
        .map((along) => similarityTo(query, gridsOf(windowed, 16, along), at))
        .reduce((a, b) => a.maximum(b))
        .tolist();
    });
    all.push(...similar);
    await pause();
  }
  return all;
}

/**
 * The largest similarity over windows. Queries have no mean, so that of the windows need not be taken off them, only off their length.
 *
 * @param query [P, 1, d] of unit length @param grids [U, W, 3, n] as they are @param at [P] rows of the grids @returns [P]
 */
function similarityTo(query: Tensor, grids: Tensor, at: Tensor): Tensor {
  const cells = grids.shape[3]!;
  const flat = grids.flatten(2); //                                             [U, W, d]
  const length = flat
    .norm(2, [2])
    .square()
    .sub(grids.sum([3]).square().sum([2]).div(cells))
    .clampMin(FLAT ** 2 * 3 * cells)
    .sqrt(); //                                                                 [U, W]
  const products = flat.indexSelect(0, at).bmm(query.transpose(1, 2)).squeeze(2); // [P, W]
  return products.div(length.indexSelect(0, at)).amax([1]);
}
