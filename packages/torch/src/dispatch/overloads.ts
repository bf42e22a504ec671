/**
 * @file Which of an operator's overloads a call means. ATen gives `add` a tensor and a scalar form; here the arguments decide.
 *
 * The rule, for every operator: arguments come in the order of ATen's schema. One without a default is positional; one with
 * a default may be positional too, or be named in a last plain object (`x.conv2d(w, { stride: 2 })`); those that Python
 * takes by name only are named here as well.
 */
import { TorchError } from '../error.js';
import { type Guard, guardOf } from '../guards.js';
import { type NativeArgument, native } from '../native.js';

export interface Argument extends NativeArgument {
  /** camelCase, as in TypeScript. */
  key: string;
  /** The type without `?`: what a given value must be. */
  base: string;
  nullable: boolean;
}

export interface Overload {
  id: number;
  name: string;
  text: string;
  inPlace: boolean;
  /** Whether it changes one of its arguments, so that it must not be tried twice. */
  writes: boolean;
  arguments: Argument[];
  returns: NativeArgument[];
  positional: number;
  guard: Guard | null;
}

/** `max_pool2d` -> `maxPool2d`, `add_` -> `add_`, `_fused_sgd_` -> `_fusedSgd_`. */
export function camelCase(name: string): string {
  const [, head = '', body = '', tail = ''] = /^(_*)(.*?)(_*)$/.exec(name) ?? [];
  return head + body.replace(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase()) + tail;
}

/** @param name with overload, `aten::add.Tensor` */
export function overload(name: string): Overload | null {
  const dot = name.indexOf('.');
  const id = native().resolve(dot < 0 ? name : name.slice(0, dot), dot < 0 ? '' : name.slice(dot + 1));
  if (id === null) return null;
  const schema = native().schema(id);
  return {
    id,
    name,
    text: schema.text,
    inPlace: schema.inPlace,
    writes: schema.writes,
    returns: schema.returns,
    guard: guardOf(name.slice('aten::'.length).split('.')[0]!),
    positional: schema.arguments.filter((a) => !a.kwargOnly).length,
    arguments: schema.arguments.map((a) => ({
      ...a,
      key: camelCase(a.name),
      base: a.type.replace(/\?$/, ''),
      nullable: a.type.endsWith('?'),
    })),
  };
}

export type Options = Record<string, unknown>;

/** @throws TorchError ARGUMENT listing every form the operator has */
export function choose(
  name: string,
  overloads: Overload[],
  args: unknown[],
  isOptions: (v: unknown) => v is Options,
  fits: Fits,
): [Overload, unknown[]] {
  const last = args[args.length - 1];
  const options = args.length > 0 && isOptions(last) ? last : null;
  const count = options === null ? args.length : args.length - 1;
  for (const one of overloads) {
    const values = bind(one, args, count, options, fits);
    if (values !== null) return [one, values];
  }
  throw new TorchError('ARGUMENT', `${name}: no form of it takes these arguments`, {
    operator: name,
    where: `${name}(${args.map((value) => describe(value)).join(', ')})`,
    next: overloads.map((one) => one.text),
  });
}

export type Fits = (value: unknown, argument: Argument) => boolean;

/** The arguments in schema order, or null if this overload does not take them. */
function bind(one: Overload, args: unknown[], count: number, options: Options | null, fits: Fits): unknown[] | null {
  if (count > one.positional) return null;
  const values: unknown[] = [];
  let named = 0;
  for (let i = 0; i < one.arguments.length; i++) {
    const argument = one.arguments[i]!;
    let value = i < count ? args[i] : undefined;
    if (options !== null && options[argument.key] !== undefined) {
      if (i < count) return null;
      value = options[argument.key];
      if (Array.isArray(value)) value = [...value];
      named++;
    }
    if (value === undefined || value === null) {
      if (value === undefined && argument.hasDefault) values.push(undefined);
      else if (argument.nullable && (i < count || argument.kwargOnly)) values.push(null);
      else if (argument.nullable && value === null) values.push(null);
      else return null;
    } else {
      if (!fits(value, argument)) return null;
      values.push(value);
    }
  }
  if (options !== null) {
    let given = 0;
    for (const key in options) if (options[key] !== undefined) given++;
    if (given !== named) return null;
  }
  return values;
}

/** A value in words, short whatever it is: it may be huge, or hold itself. */
function describe(value: unknown, depth = 0): string {
  if (typeof value === 'string') return `'${value.length > 80 ? `${value.slice(0, 80)}...` : value}'`;
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? 'a function' : String(value);
  if ('describe' in value && typeof value.describe === 'function') return String(value.describe());
  if (depth > 2) return '...';
  const listed = (items: string[]) => `${items.join(', ')}${items.length === 8 ? ', ...' : ''}`;
  if (Array.isArray(value)) return `[${listed(value.slice(0, 8).map((item) => describe(item, depth + 1)))}]`;
  const entries = Object.entries(value).slice(0, 8);
  return `{ ${listed(entries.map(([key, item]) => `${key}: ${describe(item, depth + 1)}`))} }`;
}
