/** @file A module in words, as PyTorch prints it. Source: torch/nn/modules/module.py, __repr__. */
import type { Module } from './module.js';

export function describeModule(module: Module, extra: string): string {
  const parts = [...module.namedChildren()].map(([name, child]) => `(${name}): ${String(child)}`);
  const name = module.constructor.name;
  if (parts.length === 0) return `${name}(${extra})`;
  const lines = [...(extra === '' ? [] : [extra]), ...parts].flatMap((part) => part.split('\n'));
  return `${name}(\n${lines.map((line) => `  ${line}`).join('\n')}\n)`;
}

/** Settings as Python writes them: `padding=(1, 1), bias=False`. Those that are undefined are left out. */
export const settings = (...all: readonly (string | readonly [name: string, value: unknown] | null)[]): string =>
  all
    .filter((one) => one !== null)
    .map((one) => (typeof one === 'string' ? one : `${one[0]}=${inPython(one[1])}`))
    .join(', ');

export function inPython(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null) return 'None';
  if (Array.isArray(value)) return `(${value.map(inPython).join(', ')}${value.length === 1 ? ',' : ''})`;
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value !== 'number' || Number.isInteger(value) || Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
}
