/** @file Rows of images to label at once: around each of some chosen images those that are nearest to it, each image in one row. */
import type * as torch from '@twoview/torch';

/**
 * @param unit [N, d] of unit length
 * @param images the number of each row of `unit`
 * @param seeds of `images`, the first choosing first
 * @returns for each seed itself, then the nearest that no row before it has, the nearest first
 */
export function rowsOfAlike(
  unit: torch.Tensor,
  images: readonly number[],
  seeds: readonly number[],
  size: number,
): number[][] {
  const placeOf = new Map(images.map((image, place) => [image, place]));
  const taken = new Set(seeds);
  return seeds.map((seed) => {
    const near = unit.mv(unit.select(0, placeOf.get(seed)!));
    // Every row before may have taken `size` of the nearest, and the seeds are taken from the beginning.
    const asked = Math.min(images.length, size + taken.size);
    const [, order] = near.topk(asked, { dim: 0 });
    const row = [seed];
    for (const place of order.tolist() as number[]) {
      if (row.length === size) break;
      const image = images[place]!;
      if (taken.has(image)) continue;
      taken.add(image);
      row.push(image);
    }
    return row;
  });
}
