/** @file What all optimizers share: named parameters in groups, a learning rate, and a state that can be saved. */
import { noGrad } from '../autograd.js';
import { TorchError } from '../error.js';
import type { StateDict } from '../nn/module.js';
import { keep, scope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { groupsOf, type ParameterGroup, type Parameters } from './parameters.js';

/** One group's tensors that have a gradient now; the lists run in step. */
export interface Slice {
  names: string[];
  parameters: Tensor[];
  gradients: Tensor[];
  group: ParameterGroup;
  lr: number;
}

export abstract class Optimizer {
  readonly groups: readonly ParameterGroup[];
  /** Set it before each step to follow a schedule. */
  lr: number;
  readonly #state = new Map<string, Tensor>();

  /** @param weightDecay of groups that say nothing of it */
  constructor(parameters: Parameters, lr: number, weightDecay = 0) {
    this.groups = groupsOf(parameters, weightDecay);
    this.lr = lr;
    const names = this.groups.flatMap((group) => group.parameters.map(([name]) => name));
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw new TorchError('ARGUMENT', `parameter ${twice} is in the optimizer twice`);
  }

  /** Moves every parameter that has a gradient. */
  step(): void {
    scope(() =>
      noGrad(() => {
        for (const group of this.groups) {
          const slice = this.#slice(group);
          if (slice.parameters.length > 0) this.update(slice);
        }
      }),
    );
  }

  protected abstract update(slice: Slice): void;

  /** Forgets all gradients; the next backward pass makes new ones. */
  zeroGrad(): void {
    for (const { parameters } of this.groups) for (const [, tensor] of parameters) tensor.grad = null;
  }

  #slice(group: ParameterGroup): Slice {
    const slice: Slice = { names: [], parameters: [], gradients: [], group, lr: this.lr * (group.lrScale ?? 1) };
    for (const [name, tensor] of group.parameters) {
      const gradient = tensor.grad;
      if (gradient === null) continue;
      slice.names.push(name);
      slice.parameters.push(tensor);
      slice.gradients.push(gradient);
    }
    return slice;
  }

  /** The state tensors of a slice under one name, made at first use. */
  protected state(kind: string, slice: Slice, make: (parameter: Tensor) => Tensor): Tensor[] {
    return slice.names.map((name, i) => {
      const key = `${name}.${kind}`;
      let tensor = this.#state.get(key);
      if (tensor === undefined) {
        tensor = keep(make(slice.parameters[i]!));
        this.#state.set(key, tensor);
      }
      return tensor;
    });
  }

  /** Every state tensor under `parameter's name.kind`: the very tensors, not copies. */
  stateDict(): StateDict {
    return Object.fromEntries(this.#state);
  }

  /** Takes over copies of a saved state, in the memory layout of the parameters. */
  loadStateDict(state: StateDict): void {
    this.dispose();
    const parameters = new Map(this.groups.flatMap((group) => group.parameters.map((entry) => entry)));
    scope(() => {
      for (const [key, tensor] of Object.entries(state)) {
        const parameter = parameters.get(key.slice(0, key.lastIndexOf('.')));
        if (parameter === undefined) {
          throw new TorchError(
            'STATE_DICT',
            `the saved optimizer state is of another network: ${key} has no parameter here`,
          );
        }
        const like = String(tensor.shape) === String(parameter.shape);
        const copy = like
          ? parameter.detach().emptyLike({ dtype: tensor.dtype }).copy_(tensor)
          : tensor.to({ device: parameter.device, copy: true });
        this.#state.set(key, keep(copy));
      }
    });
  }

  /** Frees the state. */
  dispose(): void {
    for (const tensor of this.#state.values()) tensor.dispose();
    this.#state.clear();
  }
}

/** Two groups: weights that decay, and norms and biases (all of one dimension) that neither decay nor adapt. */
export function decayGroups(named: Iterable<readonly [string, Tensor]>, weightDecay: number): ParameterGroup[] {
  const all = [...named];
  return [
    { parameters: all.filter(([, tensor]) => tensor.ndim > 1), weightDecay },
    { parameters: all.filter(([, tensor]) => tensor.ndim <= 1), weightDecay: 0, adapt: false },
  ].filter((group) => group.parameters.length > 0);
}
