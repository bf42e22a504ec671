/** @file Functions with gradients of one's own, and hooks that look at gradients or change them. */
import * as torch from '@twoview/torch';

await torch.load();

type Context = torch.autograd.Context;

/** Rounds forwards, and lets gradients through backwards. */
class Round extends torch.autograd.Function {
  static forward(_: Context, x: torch.Tensor) {
    return x.round();
  }
  static backward(_: Context, dy: torch.Tensor) {
    return dy;
  }
}

class Exp extends torch.autograd.Function {
  static forward(ctx: Context, x: torch.Tensor) {
    const y = x.exp();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, dy: torch.Tensor) {
    return dy.mul(ctx.saved[0]!);
  }
}

const x = torch.tensor([0.3, 0.7], { requiresGrad: true });
Round.apply(x).sum().backward();
console.log('straight through', x.grad!.tolist().join(' '));

x.grad = null;
const y = Exp.apply(x);
const hook = y.registerHook((gradient) => gradient.mul(2));
y.sum().backward();
hook.remove();
console.log(
  'twice exp',
  x
    .grad!.div(x.exp())
    .tolist()
    .map((ratio) => ratio.toFixed(3))
    .join(' '),
);
