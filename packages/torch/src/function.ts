/**
 * @file Functions of one's own in the graph of gradients, and hooks. Source: torch.autograd.Function, Tensor.register_hook.
 * The addon knows a function by a number; what it throws is kept here and thrown on by the backward pass that called it.
 */
import { isGradEnabled, noGrad } from './autograd.js';
import { TorchError } from './error.js';
import { guarded, native, throwOn } from './native.js';
import { scope } from './scope.js';
import { Tensor } from './tensor.js';

type Callback = (tensors: Tensor[], saved: Tensor[]) => readonly (Tensor | null | undefined)[];

const callbacks = new Map<number, Callback>();
let last = 0;

/** Called once, by `load`. */
export function listenForCallbacks(): void {
  native().setDispatcher((id, tensors, saved) => {
    try {
      scope(() => {
        const wrap = (ids: number[]) => ids.map((one) => Tensor.fromId(one)!);
        const given = callbacks.get(id)!(wrap(tensors), wrap(saved));
        native().deliver(given.map((tensor) => (tensor == null ? 0 : Tensor.idOf(tensor))));
      });
      return true;
    } catch (error) {
      throwOn(error);
      return false;
    }
  });
}

function register(callback: Callback): number {
  for (const id of native().releasedCallbacks()) callbacks.delete(id);
  callbacks.set(++last, callback);
  return last;
}

/** What `forward` can hand to `backward`. */
export interface Context {
  /** Keeps inputs or outputs for `backward`, as `ctx.saved`; changing them in place meanwhile is an error there. */
  saveForBackward(...tensors: Tensor[]): void;
  readonly saved: readonly Tensor[];
  /** Which inputs need a gradient; null may be given for the others. */
  readonly needsInputGrad: readonly boolean[];
  /** Anything else: numbers, shapes. */
  [key: string]: unknown;
}

/** The two halves of a function, as static methods of a class have them. */
export interface Halves<Args extends readonly unknown[], Out extends Tensor | readonly Tensor[]> {
  readonly name: string;
  forward(ctx: Context, ...args: Args): Out;
  backward(ctx: Context, ...gradients: Tensor[]): Tensor | null | readonly (Tensor | null | undefined)[];
}

/**
 * A function whose gradient you write yourself. `forward` runs without gradients being recorded. `backward` gets the gradients
 * of the outputs and gives one for each tensor among the arguments, null for none; what it does with tensors is recorded where
 * `createGraph` asks for second derivatives. For tensors on the CPU. Both may throw; the error comes out where they were called from.
 *
 * ```ts
 * class Exp extends torch.autograd.Function {
 *   static forward(ctx: torch.autograd.Context, x: torch.Tensor) {
 *     const y = x.exp();
 *     ctx.saveForBackward(y);
 *     return y;
 *   }
 *   static backward(ctx: torch.autograd.Context, dy: torch.Tensor) {
 *     return dy.mul(ctx.saved[0]!);
 *   }
 * }
 * const y = Exp.apply(x);
 * ```
 */
// biome-ignore lint/complexity/noStaticOnlyClass: PyTorch's own form
export class AutogradFunction {
  static apply<Args extends readonly unknown[], Out extends Tensor | readonly Tensor[]>(
    this: Halves<Args, Out>,
    ...args: Args
  ): Out {
    // biome-ignore lint/complexity/noThisInStatic: the subclass, which has the two halves
    return applied(this, args);
  }
}

function applied<Args extends readonly unknown[], Out extends Tensor | readonly Tensor[]>(
  halves: Halves<Args, Out>,
  args: Args,
): Out {
  const { name } = halves;
  const inputs = args.filter((arg): arg is Tensor & Args[number] => arg instanceof Tensor);
  let saved: Tensor[] = [];
  const ctx = {
    saved: [] as readonly Tensor[],
    needsInputGrad: inputs.map((input) => input.requiresGrad),
    saveForBackward: (...tensors: Tensor[]) => {
      saved = tensors;
    },
  } as Context;
  return scope(() => {
    const out = noGrad(() => halves.forward(ctx, ...args));
    const outputs: readonly Tensor[] = out instanceof Tensor ? [out] : out;
    if (!isGradEnabled() || !ctx.needsInputGrad.includes(true)) return out;
    const id = register((gradients, unpacked) => {
      // A context of its own: one backward pass may run inside another's, and `saved` is theirs alone.
      const given = halves.backward({ ...ctx, saved: unpacked } as Context, ...gradients);
      const list = given instanceof Tensor || given === null ? [given] : given;
      requireOne(name, list.length, inputs.length);
      return list;
    });
    const ids = guarded(name, () =>
      native().attach(inputs.map(Tensor.idOf), outputs.map(Tensor.idOf), saved.map(Tensor.idOf), id, name),
    );
    const attached = ids.map((one) => Tensor.fromId(one)!);
    return (out instanceof Tensor ? attached[0]! : attached) as unknown as Out;
  });
}

function requireOne(name: string, given: number, wanted: number): void {
  if (given === wanted) return;
  throw new TorchError(
    'ARGUMENT',
    `${name}: backward must give ${wanted} gradients, one for each tensor, got ${given}`,
    { next: ['give null for a tensor that needs no gradient'] },
  );
}

/** Looks at a gradient, or returns another in its place. */
// biome-ignore lint/suspicious/noConfusingVoidType: one that only looks returns nothing
export type Hook = (gradient: Tensor) => Tensor | null | undefined | void;

/** Takes a hook away again; a second time does nothing. */
export interface Handle {
  remove(): void;
}

/**
 * Calls `hook` with the gradient of a tensor whenever one is computed; what it returns is used in its place.
 *
 * @throws TorchError OPERATOR for a tensor that needs no gradient
 */
export function registerHook(tensor: Tensor, hook: Hook): Handle {
  const id = register(([gradient]) => [hook(gradient!) ?? null]);
  const place = guarded('registerHook', () => native().addHook(Tensor.idOf(tensor), id));
  let present = true;
  return {
    remove() {
      if (present && !tensor.disposed) native().removeHook(Tensor.idOf(tensor), place);
      present = false;
    },
  };
}
