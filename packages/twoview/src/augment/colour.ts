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
const [, CONTRAST, SATURATION, HUE] = [0, 1, 2, 3] as const;

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
export function colourJitter(x: Tensor, jitter: Jitter): Tensor {
  const { index, begin, turned } = byPlaceOfHue(jitter);
  const count = begin[OPERATIONS.length]!;
  if (count === 0) return x;
  const chosen = torch.tensor(index, { dtype: 'int64', device: x.device });
  const some = x.indexSelect(1, chosen); // [3, count, S, S]
  const order = jitter.order.indexSelect(0, chosen);
  const factors = jitter.factors.indexSelect(0, chosen);
  const kept = factors.gather(1, order); // [count, 4], what each slot keeps of the image
  const other = kept.neg().add_(1);
  const saturation = other.mul(order.eq(SATURATION));
  const contrast = other.mul(order.eq(CONTRAST));
  const blendRange = (slot: number, from: number, to: number) => {
    if (from === to) return;
    const column = (share: Tensor) =>
      share
        .select(1, slot)
        .narrow(0, from, to - from)
        .reshape([-1, 1, 1]);
    blend(some.narrow(1, from, to - from), column(kept), column(contrast), column(saturation));
  };
  // Images lie in the order of their hue's place: what comes before the hue is a range at the end, what comes after one at the start.
  for (let slot = 0; slot < HUE; slot++) blendRange(slot, begin[slot + 1]!, count);
  if (turned) turnHue(some, factors.select(1, HUE));
  for (let slot = 1; slot <= HUE; slot++) blendRange(slot, 0, begin[slot]!);
  return x.indexCopy_(1, chosen, some);
}

/**
 * The images that change, those first whose hue turns first; `begin[p]` is where those start whose hue has place p.
 * So hue, the dearest, is computed once for all, and not in each place for a quarter of the images.
 */
function byPlaceOfHue({ order, factors }: Jitter): { index: number[]; begin: number[]; turned: boolean } {
  const slots = OPERATIONS.length;
  const orders = order.tolist();
  const values = factors.tolist();
  const groups = OPERATIONS.map((): number[] => []);
  let turned = false;
  for (let i = 0; i * slots < orders.length; i++) {
    const at = i * slots;
    const turn = values[at + HUE]!;
    if (turn === 0 && values[at] === 1 && values[at + 1] === 1 && values[at + 2] === 1) continue;
    if (turn !== 0) turned = true;
    groups[orders.indexOf(HUE, at) - at]!.push(i);
  }
  const begin = [0];
  for (const group of groups) begin.push(begin.at(-1)! + group.length);
  return { index: groups.flat(), begin, turned };
}

/** Gray of each pixel: [3, N, S, S] -> [N, S, S]. */
export function luminance(x: Tensor): Tensor {
  return x.select(0, 0).mul(0.2989).add_(x.select(0, 1), { alpha: 0.587 }).add_(x.select(0, 2), { alpha: 0.114 });
}

/** x <- clamp(kept x + contrast mean gray + saturation gray), each share [N, 1, 1]; brightness has neither of the two. */
function blend(x: Tensor, kept: Tensor, contrast: Tensor, saturation: Tensor): void {
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

/** @param x [3, N, S, S], changed in place @param chosen [N] bool */
export function grayscale(x: Tensor, chosen: Tensor): Tensor {
  const index = chosen.nonzero().squeeze(1);
  if (index.numel() === 0) return x;
  const some = x.indexSelect(1, index);
  return x.indexCopy_(1, index, luminance(some).expandAs(some));
}
