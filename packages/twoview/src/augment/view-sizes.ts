/**
 * @file Views that grow while a training goes on: small ones are cheap, and much of what is learned early does not need more. Each size
 * gets the same amount of computing, so that of the steps most are of the smallest views. Source of the idea: Touvron et al. 2019,
 * arXiv 1906.06423, and Kocyigit et al. 2022, arXiv 2212.05611, for self-supervised learning.
 */
import { TwoviewError } from '../errors.js';
import type { ViewPipeline } from './pipeline.js';

/** @returns side of the views of a step, in pixels */
export type SideAt = (step: number) => number;

/** @throws TwoviewError CONFIG_INVALID for a side above that of the images, and for views that do not begin with a crop */
export function requireSizes(sizes: readonly number[], imageSize: number, { resizes }: ViewPipeline): void {
  const where = `--view-sizes ${sizes.join(',')}`;
  const tooLarge = sizes.find((side) => side > imageSize);
  if (tooLarge !== undefined) {
    throw new TwoviewError('CONFIG_INVALID', {
      what: `views of ${tooLarge} pixels are larger than the images, which have ${imageSize}`,
      where,
      next: [`--view-sizes ${[...new Set(sizes.map((side) => Math.min(side, imageSize)))].join(',')}`],
    });
  }
  if (sizes.length === 0 || resizes) return;
  throw new TwoviewError('CONFIG_INVALID', {
    what: 'these views cannot be smaller than the images: their pipeline does not begin with a crop',
    where,
    next: ['views.compose(views.randomResizedCrop(), ...)', 'leave --view-sizes out'],
  });
}

/** @returns how many steps have views of each side */
export function stepsBySide(sideAt: SideAt, totalSteps: number): Map<number, number> {
  const steps = new Map<number, number>();
  for (let step = 0; step < totalSteps; step++) steps.set(sideAt(step), (steps.get(sideAt(step)) ?? 0) + 1);
  return steps;
}

/** @param sizes sides one after the other; none are views of the size of the images */
export function viewSides(
  sizes: readonly number[],
  { imageSize, totalSteps }: { imageSize: number; totalSteps: number },
): SideAt {
  if (sizes.length === 0) return () => imageSize;
  const shares = sizes.map((side) => 1 / side ** 2);
  const whole = shares.reduce((sum, share) => sum + share);
  let until = 0;
  const ends = shares.map((share) => {
    until += share;
    return (until / whole) * totalSteps;
  });
  return (step) => sizes[ends.findIndex((end) => step < end)] ?? sizes.at(-1)!;
}
