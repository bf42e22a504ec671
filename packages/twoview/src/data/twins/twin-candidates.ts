/**
 * @file The first step of the search for near twins, the only one that compares each image with each: which pairs need a closer look.
 * The middle of one image against the whole of the other and its mirror image, by their low frequencies.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { inBlocks, WHOLE, windows } from './twin-colours.js';
import { wavesOf } from './twin-waves.js';

/** Candidates are at least this similar. */
const ROUGHLY = 0.7;
/** The largest error of a similarity in bfloat16; float32 decides what lies within it. */
const ROUNDING = 0.01;
/** The most groups that one image has candidates from: where all images are alike, there would be billions of pairs. */
const NEAREST = 24;
/** Images that are looked up at once: their similarities to 60,000 others fit into the processor's cache. */
const TOGETHER = 256;
/** Images whose largest similarity is taken first, so that a sixteenth of the similarities is left to choose from. */
const GROUP = 16;

/** Pairs of rows, each of the two int64. Whoever gets them frees them. */
export interface Pairs {
  /** The image that may be cut out of the other one; from the number of images on, the mirror image of that row less this number. */
  asked: Tensor;
  key: Tensor;
}

/** @param small [M, 3, 32, 32] @param asked of all of them, see `askedOf` @param pause called between blocks; throws where the search has to end */
export async function candidatesIn(
  small: Tensor,
  asked: Tensor,
  pause: (done: number) => Promise<void>,
): Promise<Pairs> {
  const count = small.shape[0]!;
  const middle = windows(0.9, [0.5]);
  using keys = torch.scope(() => {
    const all = inBlocks(small, (x) => wavesOf(x, middle).squeeze(1));
    // Rows of zeros, which are like nothing, fill the last groups.
    return torch.ops.constantPadNd(all, [0, 0, 0, (GROUP - (count % GROUP)) % GROUP]);
  }); //                                                                        [M + fill, 72]
  const type = fastProducts();
  using roughAsked = torch.scope(() => asked.to(type).clone());
  using roughKeys = torch.scope(() => keys.to(type).t().clone());
  const found: Tensor[] = [];
  try {
    for (let from = 0; from < 2 * count; from += TOGETHER) {
      found.push(
        torch.scope(() => {
          const near = nearestIn(roughAsked.narrow(0, from, Math.min(TOGETHER, 2 * count - from)).mm(roughKeys));
          const [row, key] = [near.row.add(from), near.key];
          const exact = asked.indexSelect(0, row).mul(keys.indexSelect(0, key)).sum([1]);
          const right = exact.ge(ROUGHLY).logicalAnd(row.remainder(count).ne(key)); // not the image itself
          return torch.stack([row.maskedSelect(right), key.maskedSelect(right)]);
        }),
      );
      await pause(Math.min(count, Math.floor((from + TOGETHER) / 2)));
    }
    using all = torch.cat(found, 1);
    return torch.scope(() => ({ asked: all.select(0, 0).clone(), key: all.select(0, 1).clone() }));
  } finally {
    for (const part of found) part.dispose();
  }
}

/** Whole images, and then their mirror images. @returns [2 M, 72] */
export const askedOf = (small: Tensor): Tensor =>
  torch.scope(() =>
    torch.cat([
      inBlocks(small, (x) => wavesOf(x, [WHOLE]).squeeze(1)),
      inBlocks(small, (x) => wavesOf(x.flip([3]), [WHOLE]).squeeze(1)),
    ]),
  );

/** Where similarities are large enough, in the NEAREST best groups of each row. @param products [R, M], M a multiple of GROUP */
function nearestIn(products: Tensor): { row: Tensor; key: Tensor } {
  const [rows, count] = products.shape as [number, number];
  const least = ROUGHLY - ROUNDING;
  // A group's members lie far apart, so that the largest of all groups are found by vectors.
  const apart = count / GROUP;
  const groups = products.view([rows, GROUP, apart]).amax([1]); //              [R, M / GROUP]
  const [largest, best] = groups.topk(Math.min(NEAREST, apart), { dim: 1, sorted: false });
  const starts = torch.arange(rows, { dtype: 'int64' }).mul(count).unsqueeze(1);
  const first = best.add(starts).maskedSelect(largest.ge(least)); //            [G], first members
  const members = torch.arange(GROUP, { dtype: 'int64' }).mul(apart);
  const at = first.unsqueeze(1).add(members).flatten(); //                      [G GROUP]
  const near = at.maskedSelect(products.flatten().take(at).ge(least));
  return { row: near.floorDivide(count), key: near.remainder(count) };
}

/** oneDNN multiplies bfloat16 by instructions of its own from AVX-512 on; without them it is slower than float32. */
const fastProducts = () => (/AVX512/i.test(torch.buildInfo().cpuCapability) ? 'bfloat16' : 'float32');
