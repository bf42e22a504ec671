/** @file What an optimizer may be given: tensors, named tensors, or groups of either with settings of their own. */
import { TorchError } from '../error.js';
import { Tensor } from '../tensor.js';

export type NamedTensor = readonly [name: string, tensor: Tensor];

export interface GroupSettings {
  weightDecay?: number;
  /** The group's learning rate as a multiple of the optimizer's. */
  lrScale?: number;
  /** LARS alone: false for norms and biases, whose step is not adapted. */
  adapt?: boolean;
}

export interface ParameterGroup extends GroupSettings {
  parameters: readonly NamedTensor[];
}

export interface GivenGroup extends GroupSettings {
  parameters: Iterable<Tensor | NamedTensor>;
}

/** `net.parameters()`, `net.namedParameters()`, or groups. Names are the keys of a saved state; without them places are. */
export type Parameters = Iterable<Tensor | NamedTensor | GivenGroup>;

const isGroup = (value: unknown): value is GivenGroup =>
  typeof value === 'object' &&
  value !== null &&
  'parameters' in value &&
  !(value instanceof Tensor) &&
  !Array.isArray(value);

/** @throws TorchError ARGUMENT */
export function groupsOf(given: Parameters, weightDecay: number): ParameterGroup[] {
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given) || given instanceof Tensor)
    refuse(given);
  const all = [...given];
  const groups = all.some(isGroup) ? all : [{ parameters: all as (Tensor | NamedTensor)[] }];
  let place = 0;
  const named = (one: unknown): NamedTensor => {
    const fallback = String(place++);
    if (one instanceof Tensor) return [fallback, one];
    if (Array.isArray(one) && typeof one[0] === 'string' && one[1] instanceof Tensor)
      return one as unknown as NamedTensor;
    return refuse(one);
  };
  return groups.map((group) => {
    if (!isGroup(group) || typeof group.parameters !== 'object' || !(Symbol.iterator in group.parameters))
      return refuse(group);
    return { weightDecay, ...group, parameters: Array.from(group.parameters, named) };
  });
}

function refuse(value: unknown): never {
  const what = value === null || typeof value !== 'object' ? typeof value : value.constructor.name;
  throw new TorchError('ARGUMENT', `an optimizer takes tensors or groups of them; got ${what}`, {
    next: ['net.parameters()  or  [{ parameters: net.namedParameters(), weightDecay: 0.01 }]'],
  });
}
