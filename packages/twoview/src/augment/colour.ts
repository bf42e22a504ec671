/**
 * @file Colour jitter and grayscale with parameters of each image's own. Brightness, contrast and saturation are one form,
 * x <- clamp(f x + (1 - f) other), with black, the mean gray or the pixel's gray as the other; hue turns in HSV.
 * Source: torchvision.transforms.functional on float tensors, and ColorJitter for the ranges and the random order.
 * Images lie as [3, N, S, S] here, so that a channel of the whole batch is one piece of memory.
 */

import type { Generator, Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

/** The four operations, by the number that stands for them in an order. */
export const OPERATIONS = ['brightness', 'contrast', 'saturation', 'hue'] as const;
const HUE = OPERATIONS.indexOf('hue');

export interface Jitter {
  /** [N, 4] int64: which operation comes first, second, ... for each image. */
  order: Tensor;
  /** [N, 4] float32: factor of brightness, contrast, saturation (1 changes nothing) and hue's turn in [-0.5, 0.5] (0 nothing). */
  factors: Tensor;
}

export interface JitterOptions {
  probability: number;
  brightness: number;
  contrast: number;
  saturation: number;
  hue: number;
}

export function sampleJitter(count: number, options: JitterOptions, generator: Generator): Jitter {
  const order = torch.rand([count, 4], { generator }).argsort({ dim: 1 });
  const low = [options.brightness, options.contrast, options.saturation].map((range) => Math.max(0, 1 - range));
  const high = [options.brightness, options.contrast, options.saturation].map((range) => 1 + range);
  const lows = torch.tensor([...low, -options.hue]);
  const spans = torch.tensor([...high, options.hue]).sub(lows);
  const drawn = torch.rand([count, 4], { generator }).mul(spans).add(lows);
  const off = torch.rand([count, 1], { generator }).ge(options.probability);
  return { order, factors: torch.where(off, torch.tensor([1, 1, 1, 0]), drawn) };
}

/** @param x [3, N, S, S] in [0, 1], changed in place @returns x */
export function colourJitter(x: Tensor, { order, factors }: Jitter): Tensor {
  const turns = factors.select(1, HUE);
  for (let slot = 0; slot < OPERATIONS.length; slot++) {
    const operation = order.select(1, slot);
    const factor = factors.gather(1, order.narrow(1, slot, 1)).reshape([-1, 1, 1]);
    blend(x, operation.reshape([-1, 1, 1]), factor);
    const turned = operation.eq(HUE).logicalAnd(turns.ne(0)).nonzero().squeeze(1);
    if (turned.numel() > 0) x.indexCopy_(1, turned, turnHue(x.indexSelect(1, turned), turns.indexSelect(0, turned)));
  }
  return x;
}

/** Gray of each pixel: [3, N, S, S] -> [N, S, S]. */
export function luminance(x: Tensor): Tensor {
  return x.select(0, 0).mul(0.2989).add_(x.select(0, 1), { alpha: 0.587 }).add_(x.select(0, 2), { alpha: 0.114 });
}

function blend(x: Tensor, operation: Tensor, factor: Tensor): void {
  const share = (kind: (typeof OPERATIONS)[number]) =>
    factor
      .neg()
      .add_(1)
      .mul_(operation.eq(OPERATIONS.indexOf(kind)));
  const gray = luminance(x);
  const mean = gray.mean([1, 2], { keepdim: true });
  const other = gray.mul_(share('saturation')).add_(mean.mul_(share('contrast')));
  // An image whose turn it is to change its hue stays as it is here.
  const kept = factor.maskedFill(operation.eq(HUE), 1);
  x.mul_(kept).add_(other).clamp_(0, 1);
}

/** @param x [3, N, S, S] @param turn [N], in whole turns */
export function turnHue(x: Tensor, turn: Tensor): Tensor {
  const [r, g, b] = torch.ops.unbind(x) as [Tensor, Tensor, Tensor];
  const max = torch.ops.maximum(torch.ops.maximum(r, g), b); // [N, S, S]
  const min = torch.ops.minimum(torch.ops.minimum(r, g), b);
  const chroma = max.sub(min);
  const divisor = chroma.clampMin(TINY);
  // Sixths of a turn, from the largest channel. Ties go to red, then green, as in torchvision.
  const fromRed = g.sub(b);
  const fromGreen = b.sub(r).add_(divisor, { alpha: 2 });
  const fromBlue = r.sub(g).add_(divisor, { alpha: 4 });
  const hue = torch.where(max.eq(r), fromRed, torch.where(max.eq(g), fromGreen, fromBlue)).div_(divisor);
  hue.add_(turn.reshape([-1, 1, 1]).mul(6));
  hue.sub_(hue.div(6).floor_(), { alpha: 6 });
  // A channel is the least value plus the chroma times a ramp of the hue, which lies in [0, 6).
  const red = hue.sub(3).abs_().sub_(1);
  const green = hue.sub(2).abs_().neg_().add_(2);
  const blue = hue.sub_(4).abs_().neg_().add_(2);
  return torch.stack([red, green, blue].map((ramp) => torch.ops.addcmul(min, chroma, ramp.clamp_(0, 1))));
}

/** Gray pixels have no hue; a divisor that is not zero keeps them finite. */
const TINY = 1e-8;

/** @param x [3, N, S, S], changed in place @param chosen [N] bool */
export function grayscale(x: Tensor, chosen: Tensor): Tensor {
  const index = chosen.nonzero().squeeze(1);
  if (index.numel() === 0) return x;
  const some = x.indexSelect(1, index);
  return x.indexCopy_(1, index, luminance(some).expandAs(some));
}
