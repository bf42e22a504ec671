/**
 * @file A network or a part of one: parameters, buffers and parts under PyTorch's own key names, so that weights travel
 * unchanged between the two. Source: torch/nn/modules/module.py.
 */
import { noGrad } from '../autograd.js';
import type { Conversion } from '../dispatch/methods.js';
import { TorchError } from '../error.js';
import type { Handle } from '../function.js';
import { keep, scope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { describeModule } from './describe.js';
import { addForwardHook, type ForwardHook, type ForwardPreHook } from './hooks.js';

export type StateDict = Record<string, Tensor>;

export interface LoadReport {
  /** Keys that the module wants and the dict lacks. */
  missing: string[];
  /** Keys of the dict that the module does not have. */
  unexpected: string[];
  /** `key: module's shape, dict's shape`. */
  misshaped: string[];
}

/** A module from one tensor to another, as those that stand in a row. */
export interface Layer extends Module {
  forward(x: Tensor): Tensor;
}

export abstract class Module {
  /** True in training: batch norm uses the batch's statistics, dropout drops. */
  training = true;
  readonly #parameters = new Map<string, Tensor>();
  readonly #buffers = new Map<string, Tensor>();
  readonly #children = new Map<string, Module>();

  /** Any arguments and any result: `forward(query: Tensor, key: Tensor): [Tensor, Tensor]`. */
  // biome-ignore lint/suspicious/noExplicitAny: each module says its own
  abstract forward(...args: any[]): any;

  /** What stands in the brackets of `String(module)`. */
  protected extraRepr(): string {
    return '';
  }

  /** As PyTorch prints it. */
  toString(): string {
    return describeModule(this, this.extraRepr());
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return String(this);
  }

  /** Calls `hook` before each `forward`; a list that it returns are the arguments instead. */
  registerForwardPreHook(hook: ForwardPreHook): Handle {
    return addForwardHook(this, 'before', hook);
  }

  /** Calls `hook` after each `forward`; what it returns is the result instead. */
  registerForwardHook(hook: ForwardHook): Handle {
    return addForwardHook(this, 'after', hook);
  }

  /** Declares a trained tensor under PyTorch's name for it. */
  protected parameter(name: string, tensor: Tensor): Tensor {
    this.#parameters.set(name, keep(tensor));
    tensor.requiresGrad = true;
    return tensor;
  }

  /** Declares a tensor that is saved but not trained. */
  protected buffer(name: string, tensor: Tensor): Tensor {
    this.#buffers.set(name, keep(tensor));
    return tensor;
  }

  protected child<M extends Module>(name: string, module: M): M {
    this.#children.set(name, module);
    return module;
  }

  /** Brings buffers up to date that a module counts elsewhere in the meantime; called before they are handed out. */
  protected settleBuffers(): void {}

  *namedModules(prefix = ''): Generator<[string, Module]> {
    yield [prefix, this];
    for (const [name, child] of this.#children) yield* child.namedModules(prefix === '' ? name : `${prefix}.${name}`);
  }

  *namedChildren(): Generator<[string, Module]> {
    yield* this.#children;
  }

  *children(): Generator<Module> {
    yield* this.#children.values();
  }

  /** Calls `body` with every part, the innermost first: to initialise, for example. */
  apply(body: (module: Module) => void): this {
    for (const child of this.children()) child.apply(body);
    body(this);
    return this;
  }

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const tensor of this.parameters()) tensor.grad = null;
  }

  /** Whether the parameters are to be trained. */
  requiresGrad_(on = true): this {
    for (const tensor of this.parameters()) tensor.requiresGrad = on;
    return this;
  }

  *modules(): Generator<Module> {
    for (const [, module] of this.namedModules()) yield module;
  }

  /** @param prefix before every name: `head` makes `head.weight` */
  *namedParameters(prefix = ''): Generator<[string, Tensor]> {
    const seen = new Set<Tensor>(); // what several parts share comes once, under its first name
    for (const [path, module] of this.namedModules(prefix)) {
      for (const [name, tensor] of module.#parameters) {
        if (seen.has(tensor)) continue;
        seen.add(tensor);
        yield [path === '' ? name : `${path}.${name}`, tensor];
      }
    }
  }

  *namedBuffers(): Generator<[string, Tensor]> {
    for (const [prefix, module] of this.namedModules()) {
      module.settleBuffers();
      for (const [name, tensor] of module.#buffers) yield [prefix === '' ? name : `${prefix}.${name}`, tensor];
    }
  }

  parameters(): Tensor[] {
    return Array.from(this.namedParameters(), ([, tensor]) => tensor);
  }

  train(on = true): this {
    for (const module of this.modules()) module.training = on;
    return this;
  }

  eval(): this {
    return this.train(false);
  }

  /** Parameters and buffers by key: the very tensors, not copies, in PyTorch's order. */
  stateDict(): StateDict {
    const state: StateDict = {};
    for (const [prefix, module] of this.namedModules()) {
      const dot = prefix === '' ? '' : `${prefix}.`;
      module.settleBuffers();
      for (const [name, tensor] of module.#parameters) state[dot + name] = tensor;
      for (const [name, tensor] of module.#buffers) state[dot + name] = tensor;
    }
    return state;
  }

  /**
   * Copies weights in. Nothing is copied unless everything fits, or `strict` is off.
   *
   * @param strict false loads what fits and reports the rest
   * @throws TorchError STATE_DICT naming every key that does not fit
   */
  loadStateDict(from: StateDict, { strict = true }: { strict?: boolean } = {}): LoadReport {
    const own = this.stateDict();
    const report: LoadReport = {
      missing: Object.keys(own).filter((key) => !Object.hasOwn(from, key)),
      unexpected: Object.keys(from).filter((key) => !Object.hasOwn(own, key)),
      misshaped: [],
    };
    const fitting: [Tensor, Tensor][] = [];
    for (const [key, target] of Object.entries(own)) {
      if (!Object.hasOwn(from, key)) continue;
      const source = from[key]!;
      if (String(source.shape) === String(target.shape)) fitting.push([target, source]);
      else report.misshaped.push(`${key}: [${target.shape.join(', ')}] here, [${source.shape.join(', ')}] there`);
    }
    if (strict) refuseMismatch(report);
    scope(() => noGrad(() => fitting.forEach(([target, source]) => void target.copy_(source))));
    return report;
  }

  /** Moves or converts every floating-point parameter and buffer in place; a memory format concerns those of four dimensions. */
  to({ device, dtype, memoryFormat }: Conversion): this {
    scope(() => {
      for (const tensor of Object.values(this.stateDict())) {
        const floating = tensor.dtype.includes('float');
        const fourDims = tensor.ndim === 4;
        const converted = tensor.detach().to({
          ...(device !== undefined && { device }),
          ...(dtype !== undefined && floating && { dtype }),
          ...(memoryFormat !== undefined && fourDims && { memoryFormat }),
        });
        tensor.setData(converted);
      }
    });
    return this;
  }

  /** Frees every parameter and buffer. */
  dispose(): void {
    for (const tensor of Object.values(this.stateDict())) tensor.dispose();
  }
}

function refuseMismatch({ missing, unexpected, misshaped }: LoadReport): void {
  if (missing.length + unexpected.length + misshaped.length === 0) return;
  const list = (title: string, keys: string[]) =>
    keys.length === 0 ? [] : [`  ${title} (${keys.length}): ${keys.join(', ')}`];
  throw new TorchError(
    'STATE_DICT',
    [
      'these weights do not fit this module',
      ...list('missing', missing),
      ...list('unexpected', unexpected),
      ...list('other shape', misshaped),
    ].join('\n'),
    { next: ['load weights of the same network, or pass { strict: false } to take what fits'] },
  );
}
