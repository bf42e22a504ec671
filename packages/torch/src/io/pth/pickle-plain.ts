/**
 * @file What training programs leave beside the tensors: counters, namespaces, paths, dates. Each becomes a plain value, or an empty
 * one that stands for it; no class of theirs is made and none of their code runs.
 */
import type { PickleFunction } from './pickle-machine.js';

const pairs = (value: unknown): Map<unknown, unknown> => (value instanceof Map ? new Map(value) : new Map());
const text = (...parts: unknown[]): string => parts.map(String).join('/').replace(/^\/\//, '/');

const make = (names: string, make: PickleFunction): [string, PickleFunction][] =>
  names.split(' ').map((name) => [name, make]);

/** Attributes of a namespace come by BUILD, which leaves a Map as it is: they are dropped. */
export const plainGlobals: Record<string, PickleFunction> = Object.fromEntries([
  ...make('collections.Counter', (items) => pairs(items)),
  ...make('collections.defaultdict', () => new Map()), // its factory is not called; items come after
  ...make('collections.deque', (items) => (Array.isArray(items) ? [...items] : [])),
  ...make('argparse.Namespace types.SimpleNamespace', () => new Map()),
  ...['pathlib', 'pathlib._local'].flatMap((module) =>
    make(
      ['PurePosixPath', 'PureWindowsPath', 'PosixPath', 'WindowsPath', 'PurePath', 'Path']
        .map((name) => `${module}.${name}`)
        .join(' '),
      text,
    ),
  ),
  ...make('datetime.datetime datetime.date datetime.time datetime.timedelta datetime.timezone', () => null),
  ...make('decimal.Decimal fractions.Fraction uuid.UUID', (value) => value ?? null),
  ...['builtins', '__builtin__'].flatMap((module) => [
    ...make(`${module}.list ${module}.tuple`, (items) => (Array.isArray(items) ? [...items] : [])),
    ...make(`${module}.dict`, (items) => pairs(items)),
    ...make(`${module}.int ${module}.float`, (value) => (typeof value === 'number' ? value : 0)),
    ...make(`${module}.str`, (value) => (typeof value === 'string' ? value : '')),
    ...make(`${module}.bool`, (value) => value === true),
    ...make(`${module}.complex ${module}.slice ${module}.range`, (...parts) => parts),
    ...make(`${module}.object`, () => new Map()),
  ]),
  // Protocols 0 and 1 make instances of classes without a constructor in this way.
  ...make('copyreg._reconstructor copy_reg._reconstructor', (kind) => (isCalled(kind) ? kind.call() : new Map())),
]);

const isCalled = (kind: unknown): kind is { call: PickleFunction } =>
  typeof kind === 'object' && kind !== null && 'call' in kind;
