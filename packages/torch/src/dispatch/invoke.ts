/** @file From a call in TypeScript to the addon and back: arguments to what the addon takes, results to tensors. */
import { freeCollected } from '../collector.js';
import { dtypeCode, layoutCode, memoryFormatCode } from '../dtype.js';
import { TorchError } from '../error.js';
import { asTorchError, isOutOfMemory, native } from '../native.js';
import { Generator } from '../random.js';
import { Tensor } from '../tensor.js';
import { isOffered } from './offered.js';
import { type Argument, choose, type Options, type Overload, overload } from './overloads.js';

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const isScalar = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint';

function fits(value: unknown, argument: Argument): boolean {
  const type = argument.base;
  switch (type) {
    case 'Tensor':
      return value instanceof Tensor;
    case 'Scalar':
      return isScalar(value);
    case 'Scalar[]':
      return isList(value) && value.every(isScalar);
    case 'int':
    case 'SymInt':
      return typeof value === 'number' ? Number.isInteger(value) : typeof value === 'bigint';
    case 'float':
      return typeof value === 'number';
    case 'bool':
      return typeof value === 'boolean';
    case 'Any': // a process group by its name: no other operator that is called here has this type
    case 'str':
    case 'Device':
    case 'ScalarType':
    case 'MemoryFormat':
    case 'Layout':
      return typeof value === 'string';
    case 'Generator':
      return value instanceof Generator;
    case 'Tensor[]':
      return isList(value) && value.every((item) => item instanceof Tensor);
    case 'Tensor?[]':
      return isList(value) && value.every((item) => item === null || item instanceof Tensor);
    case 'int[]':
    case 'SymInt[]':
      return isList(value)
        ? value.every((item) => Number.isInteger(item) || typeof item === 'bigint')
        : argument.length !== undefined && Number.isInteger(value);
    case 'str[]':
      return isList(value) && value.every((item) => typeof item === 'string');
    case 'bool[]':
      return isList(value) && value.every((item) => typeof item === 'boolean');
    default: // float[]
      return isList(value)
        ? value.every((item) => typeof item === 'number')
        : argument.length !== undefined && typeof value === 'number';
  }
}

function encode(value: unknown, argument: Argument): unknown {
  if (value === undefined || value === null) return value;
  switch (argument.base) {
    case 'Tensor':
      return Tensor.idOf(value as Tensor);
    case 'Tensor[]':
      return (value as Tensor[]).map(Tensor.idOf);
    case 'Tensor?[]':
      return (value as (Tensor | null)[]).map((item) => (item === null ? null : Tensor.idOf(item)));
    case 'ScalarType':
      return dtypeCode(value);
    case 'MemoryFormat':
      return memoryFormatCode(value);
    case 'Layout':
      return layoutCode(value);
    case 'Generator':
      return Generator.idOf(value as Generator);
    default:
      return value;
  }
}

function decode(value: unknown, type: string): unknown {
  if (value === null) return null;
  if (type === 'Tensor' || type === 'Tensor?') return Tensor.fromId(value as number);
  if (type === 'Tensor[]') return (value as number[]).map((id) => Tensor.fromId(id));
  return value;
}

function requireSane(one: Overload, values: readonly unknown[]): void {
  const problem = one.guard!((name) => values[one.arguments.findIndex((argument) => argument.name === name)]);
  if (problem === null) return;
  throw new TorchError('ARGUMENT', `${one.name}: ${problem}`, { operator: one.name, next: [one.text] });
}

/** A second try, where memory was short and some is held by tensors that nobody has any more; otherwise the error. */
function again(one: Overload, encoded: unknown[], error: unknown): unknown {
  if (!isOutOfMemory(error) || one.writes || freeCollected() === 0) throw asTorchError(one.name, error);
  try {
    return native().call(one.id, ...encoded);
  } catch (second) {
    throw asTorchError(one.name, second);
  }
}

/** Calls one overload with arguments in schema order. */
function run(one: Overload, values: unknown[]): unknown {
  if (one.guard !== null) requireSane(one, values);
  const encoded = values;
  let given = 0; // what comes after the last given argument is a default that the addon knows
  for (let i = 0; i < encoded.length; i++) {
    const value = encoded[i];
    if (value === undefined) continue;
    encoded[i] = encode(value, one.arguments[i]!);
    given = i + 1;
  }
  let result: unknown;
  try {
    // Calls of fixed length are twice as fast as a spread one, and most are short.
    if (given === 1) result = native().call(one.id, encoded[0]);
    else if (given === 2) result = native().call(one.id, encoded[0], encoded[1]);
    else result = native().call(one.id, ...encoded);
  } catch (error) {
    result = again(one, encoded, error);
  }
  const returns = one.returns;
  if (returns.length === 1) return one.inPlace ? undefined : decode(result, returns[0]!.type);
  if (returns.length === 0) return undefined;
  return (result as unknown[]).map((item, i) => decode(item, returns[i]!.type));
}

/** A list as it is now: it may be a Proxy, or have getters, and answer otherwise the next time it is asked. */
function copyOf(list: readonly unknown[]): unknown[] {
  const copy: unknown[] = [];
  for (let i = 0, { length } = list; i < length; i++) copy.push(list[i]);
  return copy;
}

/** A plain object: anything else in the last place is an argument, and a wrong one is not to be overlooked. */
function isOptions(value: unknown): value is Options {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Takes the arguments as one list. */
export type Operator = (args: unknown[]) => unknown;

/** @param overloadNames of one operator, `['aten::add.Tensor', 'aten::add.Scalar']` */
export function operator(name: string, overloadNames: string[]): Operator {
  let overloads: Overload[] | null = null;
  return (args) => {
    overloads ??= overloadNames.map(overload).filter((one): one is Overload => one !== null && isOffered(one));
    for (let i = 0; i < args.length; i++) if (Array.isArray(args[i])) args[i] = copyOf(args[i] as unknown[]);
    const [one, values] = choose(name, overloads, args, isOptions, fits);
    const result = run(one, values);
    return one.inPlace ? args[0] : result;
  };
}

const byName = new Map<string, Overload>();

function lookUp(name: string): Overload {
  const known = byName.get(name);
  if (known !== undefined) return known;
  const found = typeof name === 'string' ? overload(name) : null;
  if (found === null) {
    throw new TorchError(
      'UNKNOWN_OPERATOR',
      `libtorch has no operator ${typeof name === 'string' ? name : typeof name}`,
      {
        next: ["name the overload as well, as in torch.op('aten::add.Tensor', a, b)"],
      },
    );
  }
  byName.set(name, found);
  return found;
}

/**
 * The untyped door: an operator by its full name, all arguments in schema order.
 *
 * @param name `aten::mm`, or with the overload, `aten::add.Tensor`
 * @returns a tensor, a number, a list of these; an in-place operator gives its first argument back
 * @throws TorchError UNKNOWN_OPERATOR, INTERNAL_OPERATOR, ARGUMENT, OPERATOR
 */
export function op(name: string, ...args: unknown[]): unknown {
  const one = lookUp(name);
  if (isOffered(one)) return callUntyped(one, args);
  throw new TorchError('INTERNAL_OPERATOR', `${name} is internal to libtorch: it may not check its arguments`, {
    operator: name,
    next: [`torch.unsafeOp('${name}', ...)  calls it all the same; a wrong argument may end the process`, one.text],
  });
}

/** `op` for the operators that libtorch keeps for itself as well: kinds are checked, and libtorch trusts the values. */
export function unsafeOp(name: string, ...args: unknown[]): unknown {
  return callUntyped(lookUp(name), args);
}

function callUntyped(one: Overload, args: unknown[]): unknown {
  const { name } = one;
  if (args.length > one.arguments.length) {
    throw new TorchError('ARGUMENT', `${name} takes ${one.arguments.length} arguments, got ${args.length}`, {
      operator: name,
      next: [one.text],
    });
  }
  const values = one.arguments.map((argument, i) => {
    const given = args[i];
    const value = Array.isArray(given) ? copyOf(given) : given;
    if (value !== undefined && value !== null && !fits(value, argument)) {
      throw new TorchError('ARGUMENT', `${name}: argument '${argument.name}' must be ${argument.type}`, {
        operator: name,
        next: [one.text],
      });
    }
    return value;
  });
  const result = run(one, values);
  return one.inPlace ? args[0] : result;
}
