/**
 * @file The operations of colour jitter. Brightness, contrast and saturation are one form, x <- clamp(f x + (1 - f) other), with black,
 * the mean gray or the pixel's gray as the other; hue turns in HSV. Source: torchvision.transforms.functional on float tensors.
 * Images lie as [3, N, S, S] here, so that a channel of the whole batch is one piece of memory.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

/** The four operations, by the number that stands for them in an order. */
export const OPERATIONS = ['brightness', 'contrast', 'saturation', 'hue'] as const;
export const [, CONTRAST, SATURATION, HUE] = [0, 1, 2, 3] as const;

export interface Jitter {
  /** [N, 4] int64: which operation comes first, second, ... for each image. */
  order: Tensor;
  /** [N, 4] float32: factor of brightness, contrast, saturation (1 changes nothing) and hue's turn in [-0.5, 0.5] (0 nothing). */
  factors: Tensor;
}

/** What each slot keeps of an image, and its shares of the mean gray and of the pixel's gray: [N, 4] each. */
export function sharesOf({ order, factors }: Jitter): { kept: Tensor; contrast: Tensor; saturation: Tensor } {
  const kept = factors.gather(1, order);
  const other = kept.neg().add_(1);
  return { kept, contrast: other.mul(order.eq(CONTRAST)), saturation: other.mul(order.eq(SATURATION)) };
}

/** Gray of each pixel: [3, N, S, S] -> [N, S, S]. */
export function luminance(x: Tensor): Tensor {
  return x.select(0, 0).mul(0.2989).add_(x.select(0, 1), { alpha: 0.587 }).add_(x.select(0, 2), { alpha: 0.114 });
}

/** x <- clamp(kept x + contrast mean gray + saturation gray), each share [N, 1, 1]; brightness has neither of the two. */
export function blend(x: Tensor, kept: Tensor, contrast: Tensor, saturation: Tensor): void {
  const gray = luminance(x);
  const mean = gray.mean([1, 2], { keepdim: true }).mul_(contrast);
  x.mul_(kept).add_(gray.mul_(saturation).add_(mean)).clamp_(0, 1);
}

/** @param x [3, N, S, S], changed in place @param turn [N], in whole turns */
export function turnHue(x: Tensor, turn: Tensor): void {
  const [r, g, b] = torch.ops.unbind(x) as [Tensor, Tensor, Tensor];
  const max = torch.ops.maximum(torch.ops.maximum(r, g), b); // [N, S, S]
  const min = torch.ops.minimum(torch.ops.minimum(r, g), b);
  const chroma = max.sub(min);
  const divisor = chroma.clampMin(TINY);
  // Sixths of a turn, from the largest channel. Ties go to red, then green, as in torchvision.
  const fromRed = g.sub(b);
  const fromGreen = b.sub(r).add_(divisor, { alpha: 2 });
  const fromBlue = r.sub(g).add_(divisor, { alpha: 4 });
  // lerp by 0 or 1 chooses exactly, and is three times as fast as where with a mask.
  const redIsMax = r.clone().eq_(max);
  const greenIsMax = max.eq_(g);
  const hue = fromBlue.lerp_(fromGreen, greenIsMax).lerp_(fromRed, redIsMax).div_(divisor);
  hue.add_(turn.reshape([-1, 1, 1]).mul(6));
  hue.sub_(hue.div(6).floor_(), { alpha: 6 });
  // A channel is the least value plus the chroma times a ramp of the hue, which lies in [0, 6).
  const put = (channel: Tensor, ramp: Tensor) => channel.copy_(min).addcmul_(chroma, ramp.clamp_(0, 1));
  put(r, hue.sub(3).abs_().sub_(1));
  put(g, hue.sub(2).abs_().neg_().add_(2));
  put(b, hue.sub_(4).abs_().neg_().add_(2));
}

/** Gray pixels have no hue; a divisor that is not zero keeps them finite. */
const TINY = 1e-8;
