/**
 * @file Hooks around `forward`. Source: torch.nn.Module.register_forward_hook. Here `forward` is what everyone calls, so a module
 * with hooks has a `forward` of its own in front of that of its class, for as long as it has any.
 */
import type { Handle } from '../function.js';
import type { Module } from './module.js';

// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks returns nothing
export type ForwardPreHook = (module: Module, args: unknown[]) => unknown[] | undefined | void;
export type ForwardHook = (module: Module, args: unknown[], output: unknown) => unknown;

interface Hooks {
  before: Set<ForwardPreHook>;
  after: Set<ForwardHook>;
}

const all = new WeakMap<Module, Hooks>();

export function addForwardHook<When extends keyof Hooks>(
  module: Module,
  when: When,
  hook: Hooks[When] extends Set<infer H> ? H : never,
): Handle {
  const hooks = all.get(module) ?? { before: new Set(), after: new Set() };
  all.set(module, hooks);
  const entry = ((...args: never[]) => (hook as (...args: never[]) => unknown)(...args)) as never; // the same one may be added twice
  hooks[when].add(entry);
  module.forward = (...args: unknown[]) => {
    let given = args;
    for (const before of hooks.before) given = (before(module, given) as unknown[] | undefined) ?? given;
    let output: unknown = Object.getPrototypeOf(module).forward.apply(module, given);
    for (const after of hooks.after) output = after(module, given, output) ?? output;
    return output;
  };
  return {
    remove() {
      hooks[when].delete(entry);
      if (hooks.before.size + hooks.after.size === 0) Reflect.deleteProperty(module, 'forward');
    },
  };
}
