/** @file Operators as functions of the package. */
import type { Ops } from '../generated/ops.js';
import { ops } from './methods.js';

/** The operator of this name; looked up when it is called, since libtorch is not loaded at import. */
export function named<Name extends keyof Ops>(name: Name): Ops[Name] {
  const call = (...args: unknown[]) => (ops[name] as (...args: unknown[]) => unknown)(...args);
  return call as unknown as Ops[Name];
}
