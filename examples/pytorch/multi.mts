/** @file Modules with several inputs and outputs. */
import * as torch from '@twoview/torch';

await torch.load();

type Tensor = torch.Tensor;
export class Attention extends torch.nn.Module {
  forward(q: Tensor, k: Tensor, v: Tensor): Tensor {
    return q.mm(k).mm(v);
  }
}
export class LSTM extends torch.nn.Module {
  forward(x: Tensor): [Tensor, Tensor] {
    return [x, x];
  }
}
export const loose = new torch.nn.Sequential([new torch.nn.Linear(2, 2)])
  .forward(torch.ones([1, 2]))
  .add(1)
  .mul_(2);
export const m = torch.ones([2, 2]).max(1);
export const values: Tensor = m[0];
export const s: Tensor = torch.ops.where(torch.ones([1]).gt(0), 1, torch.ones([1]));
