/** @file Autograd functions and hooks written in TypeScript. */
import { expect, test, vi } from 'vitest';
import * as torch from '../src/index.js';
import { freeEverything } from './leaks.js';

freeEverything();

type Context = torch.autograd.Context;

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

class DivideAndRest extends torch.autograd.Function {
  static forward(ctx: Context, a: torch.Tensor, b: torch.Tensor, scale: number) {
    ctx.saveForBackward(a, b);
    ctx.scale = scale;
    return [a.div(b).mul(scale), a.sub(b)] as const;
  }
  static backward(ctx: Context, first: torch.Tensor, second: torch.Tensor) {
    const [a, b] = ctx.saved as [torch.Tensor, torch.Tensor];
    const scaled = first.mul(ctx.scale as number);
    return [scaled.div(b).add(second), scaled.mul(a).div(b.square()).neg().sub(second)];
  }
}

const leaf = (...values: number[]) => torch.tensor(values, { dtype: 'float64', requiresGrad: true });

test('its gradient is the one that was written, and has gradients itself', () => {
  torch.scope(() => {
    const x = leaf(0.5, -1);
    const [first] = torch.grad(Exp.apply(x).sum(), [x], { createGraph: true });
    expect(first!.tolist()).toEqual([Math.exp(0.5), Math.exp(-1)]);
    const [second] = torch.grad(first!.sum(), [x]);
    expect(second!.tolist()).toEqual([Math.exp(0.5), Math.exp(-1)]);
  });
});

test('several tensors go in and out, and what is no tensor is passed on', () => {
  torch.scope(() => {
    const [a, b] = [leaf(3), leaf(2)];
    const run = (f: () => readonly torch.Tensor[]) =>
      torch.grad(f()[0]!.mul(5).add(f()[1]!.mul(7)).sum(), [a, b]).map((g) => g!.item());
    const ours = run(() => DivideAndRest.apply(a, b, 4));
    expect(ours).toEqual(run(() => [a.div(b).mul(4), a.sub(b)]));
    // The second output alone: the first one's gradient arrives as zeros.
    expect(torch.grad(DivideAndRest.apply(a, b, 4)[1]!.sum(), [a, b]).map((g) => g!.item())).toEqual([1, -1]);
  });
});

test('without gradients nothing is recorded', () => {
  torch.scope(() => {
    expect(torch.noGrad(() => Exp.apply(leaf(1))).requiresGrad).toBe(false);
    expect(Exp.apply(torch.ones(2)).requiresGrad).toBe(false);
  });
});

test('what it throws comes out of the backward pass, and the next pass is as ever', () => {
  class Thrower extends torch.autograd.Function {
    static forward(_: Context, x: torch.Tensor) {
      return x.clone();
    }
    static backward(): torch.Tensor {
      throw new RangeError('mine');
    }
  }
  torch.scope(() => {
    const x = leaf(1);
    expect(() => Thrower.apply(x).sum().backward()).toThrow(new RangeError('mine'));
    class Null extends Thrower {
      static override backward(): torch.Tensor {
        throw null;
      }
    }
    let caught: unknown = 'nothing';
    try {
      Null.apply(x).sum().backward();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBe(null);
    Exp.apply(x).sum().backward();
    expect(x.grad!.item()).toBe(Math.E);
  });
});

test('wrong gradients are refused in words', () => {
  class Wrong extends torch.autograd.Function {
    static give: (dy: torch.Tensor) => torch.Tensor[] = () => [];
    static forward(_: Context, x: torch.Tensor) {
      return x.clone();
    }
    static backward(_: Context, dy: torch.Tensor) {
      return Wrong.give(dy);
    }
  }
  torch.scope(() => {
    const pass = (give: (dy: torch.Tensor) => torch.Tensor[]) => () => {
      Wrong.give = give;
      Wrong.apply(leaf(1, 2)).sum().backward();
    };
    expect(pass(() => [])).toThrow(/Wrong: backward must give 1 gradients, one for each tensor, got 0/);
    expect(pass(() => [torch.ones(3, 3)])).toThrow(/invalid gradient at index 0/);
    expect(pass(() => ['x' as never])).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
    const used = Exp.apply(leaf(1)).sum();
    used.backward();
    expect(() => used.backward()).toThrow(/backward through the graph a second time/);
    const y = Exp.apply(leaf(1));
    const z = y.mul(1).sum();
    torch.noGrad(() => y.add_(1));
    expect(() => z.backward()).toThrow(/modified by an inplace operation/);
  });
});

test('a hook sees a gradient, and may replace it, until it is removed', () => {
  torch.scope(() => {
    const x = leaf(1, 2);
    const y = x.mul(3);
    const seen = vi.fn();
    y.registerHook((g) => void seen(g.tolist()));
    const twice = y.registerHook((g) => g.mul(2));
    y.sum().backward(undefined, { keepGraph: true });
    expect(x.grad!.tolist()).toEqual([6, 6]);
    twice.remove();
    twice.remove();
    x.grad = null;
    y.sum().backward(undefined, { keepGraph: true });
    expect(x.grad!.tolist()).toEqual([3, 3]);
    expect(seen.mock.calls).toEqual([[[1, 1]], [[1, 1]]]);
    y.registerHook(() => {
      throw new RangeError('in a hook');
    });
    expect(() => y.sum().backward()).toThrow(new RangeError('in a hook'));
    expect(() => torch.ones(1).registerHook(() => {})).toThrow(/require/);
  });
});

test('a backward pass may run inside another one', () => {
  class Inner extends torch.autograd.Function {
    static forward(ctx: Context, x: torch.Tensor) {
      ctx.saveForBackward(x);
      return x.square();
    }
    static backward(ctx: Context, dy: torch.Tensor) {
      const x = ctx.saved[0]!.detach().requiresGrad_();
      return torch.enableGrad(() => torch.grad(Exp.apply(x).sum(), [x])[0]!.mul(0).add(x.mul(2)).mul(dy).detach());
    }
  }
  torch.scope(() => {
    const x = leaf(3);
    Inner.apply(x).sum().backward();
    expect(x.grad!.item()).toBe(6);
  });
});
