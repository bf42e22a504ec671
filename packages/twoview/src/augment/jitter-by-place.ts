/**
 * @file Colour jitter where what was drawn can be looked at: images that do not change are left out, and the others are put into the
 * order of their hue's place, so that hue, the most expensive operation, is computed once and not in each of four places.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { blend, HUE, type Jitter, OPERATIONS, sharesOf, turnHue } from './jitter-steps.js';

/** @param x [3, N, S, S] in [0, 1], changed in place @returns x */
export function jitterByPlaceOfHue(x: Tensor, jitter: Jitter): Tensor {
  const { index, begin, turned } = byPlaceOfHue(jitter);
  const count = begin[OPERATIONS.length]!;
  if (count === 0) return x;
  const chosen = torch.tensor(index, { dtype: 'int64', device: x.device });
  const some = x.indexSelect(1, chosen); // [3, count, S, S]
  const order = jitter.order.indexSelect(0, chosen);
  const factors = jitter.factors.indexSelect(0, chosen);
  const { kept, contrast, saturation } = sharesOf({ order, factors });
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

/** The images that change, those first whose hue turns first; `begin[p]` is where those start whose hue has place p. */
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
