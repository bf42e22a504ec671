/**
 * @file RandAugment: a few operations an image, drawn uniformly, all of one strength. Source: Cubuk et al. 2019, arXiv 1909.13719, with the
 * operations, ranges and 31 strengths of torchvision.transforms.RandAugment; without Equalize, whose histogram is a loop over pixels.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { TwoviewError } from '../errors.js';
import type { Draw } from '../runs/random.js';
import { luminance } from './jitter-steps.js';
import type { ViewStep } from './pipeline.js';

/** As torchvision orders them. */
export const RAND_OPERATIONS = [
  'identity',
  'shearX',
  'shearY',
  'translateX',
  'translateY',
  'rotate',
  'brightness',
  'color',
  'contrast',
  'sharpness',
  'posterize',
  'solarize',
  'autoContrast',
] as const;
const at = Object.fromEntries(RAND_OPERATIONS.map((name, i) => [name, i])) as Record<
  (typeof RAND_OPERATIONS)[number],
  number
>;
const [STRENGTHS, DEGREES, MOST_SHEAR, MOST_FACTOR, MOST_SHIFT] = [31, 30, 0.3, 0.9, 150 / 331];

/** So many operations an image, of a strength from 0 to 30, which all of them share. */
export function randAugment({
  operations = 2,
  strength = 9,
}: {
  operations?: number;
  strength?: number;
} = {}): ViewStep {
  if (!Number.isInteger(strength) || strength < 0 || strength >= STRENGTHS)
    throw new TwoviewError('CONFIG_INVALID', {
      what: `${strength} is no strength of RandAugment`,
      where: 'views: randAugment',
      next: ['give a whole number from 0 to 30; torchvision has 9'],
    });
  return {
    ...{ name: 'randAugment', text: JSON.stringify(['randAugment', operations, strength]), standard: null },
    apply(x, draw: Draw) {
      let out = x;
      const chosen = draw('operation', operations).mul(RAND_OPERATIONS.length).floor_().to('int64'); // [V, operations]
      const signs = draw('sign', operations).lt(0.5).to('float32').mul_(2).sub_(1);
      for (let i = 0; i < operations; i++)
        out = applyRandOperations(out, chosen.select(1, i), signs.select(1, i), strength);
      return out;
    },
  };
}

/**
 * @param x [3, V, S, S] in [0, 1] @param operation [V] int64, numbers of RAND_OPERATIONS @param sign [V], 1 or -1
 * @returns [3, V, S, S]
 */
export function applyRandOperations(x: Tensor, operation: Tensor, sign: Tensor, strength: number): Tensor {
  const share = strength / (STRENGTHS - 1);
  const is = (name: keyof typeof at) => operation.eq(at[name]);
  const where = (name: keyof typeof at, changed: Tensor, otherwise: Tensor) =>
    torch.where(is(name).reshape([1, -1, 1, 1]), changed, otherwise);
  const moved = moveInPlane(x, is, sign, share);
  const factor = sign
    .mul(MOST_FACTOR * share)
    .add_(1)
    .reshape([1, -1, 1, 1]);
  const towards = (other: Tensor) =>
    moved
      .mul(factor)
      .add_(other.mul(factor.neg().add_(1)))
      .clamp_(0, 1);
  const gray = luminance(moved);
  let out = where('brightness', moved.mul(factor).clamp_(0, 1), moved);
  out = where('color', towards(gray.expandAs(moved)), out);
  out = where('contrast', towards(gray.mean([1, 2], { keepdim: true }).expandAs(moved)), out);
  out = where('sharpness', towards(smooth(moved)), out);
  const step = 2 ** Math.round((4 * strength) / (STRENGTHS - 1)); // values that become one
  out = where(
    'posterize',
    moved
      .mul(255)
      .round_()
      .div_(step)
      .floor_()
      .mul_(step / 255),
    out,
  );
  const threshold = 1 - share;
  out = where('solarize', torch.where(moved.ge(threshold), moved.neg().add_(1), moved), out);
  return where('autoContrast', stretch(moved), out);
}

/** Nearest pixels, black where nothing is. What each output pixel shows, in torchvision's coordinates: (i + 0.5, j + 0.5). */
function moveInPlane(x: Tensor, is: (name: keyof typeof at) => Tensor, sign: Tensor, share: number): Tensor {
  const [, views, size] = x.shape as [number, number, number, number];
  const only = (name: keyof typeof at, value: Tensor) => value.mul(is(name)).reshape([-1, 1, 1]);
  const shear = sign.mul(MOST_SHEAR * share);
  const shift = sign.mul(MOST_SHIFT * size * share).trunc();
  const angle = only('rotate', sign.mul((DEGREES * share * Math.PI) / 180));
  const along = torch.arange(size, { dtype: 'float32', device: x.device }).add(0.5);
  const [row, column] = [along.reshape([1, size, 1]), along.reshape([1, 1, size])];
  const [y, z] = [row.sub(size / 2), column.sub(size / 2)];
  const [sin, cos] = [angle.sin(), angle.cos()];
  const seenX = cos
    .mul(z)
    .sub(sin.mul(y))
    .add(size / 2)
    .add(only('shearX', shear).mul(row))
    .sub(only('translateX', shift));
  const seenY = sin
    .mul(z)
    .add(cos.mul(y))
    .add(size / 2)
    .add(only('shearY', shear).mul(column))
    .sub(only('translateY', shift));
  const grid = torch
    .stack([seenX, seenY], 3)
    .mul(2 / size)
    .sub(1); // [V, S, S, 2]
  const images = x.permute([1, 0, 2, 3]).contiguous();
  const NEAREST = 1;
  const ZEROS = 0;
  return torch.ops
    .gridSampler2d(images, grid.expand([views, size, size, 2]), NEAREST, ZEROS, false)
    .permute([1, 0, 2, 3])
    .contiguous();
}

/** PIL's SMOOTH: 3x3 with 5 in the middle, over 13; the border stays. */
function smooth(x: Tensor): Tensor {
  const size = x.shape[3]!;
  const inner = (from: Tensor, i: number, j: number) => from.narrow(2, i, size - 2).narrow(3, j, size - 2);
  let sum = inner(x, 1, 1).mul(4);
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) sum = sum.add_(inner(x, i, j));
  const out = x.clone();
  inner(out, 1, 1).copy_(sum.div_(13));
  return out;
}

/** Each channel of each image to the whole range; one of a single value stays. */
function stretch(x: Tensor): Tensor {
  const [low, high] = [x.amin([2, 3], true), x.amax([2, 3], true)];
  const range = high.sub(low);
  const flat = range.eq(0);
  return torch.where(
    flat,
    x,
    x
      .sub(low)
      .div(range.add(flat.to('float32')))
      .clamp_(0, 1),
  );
}
