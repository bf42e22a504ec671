/**
 * @file Operators by their door in TypeScript against the same operators in Python, forward and backward: dtypes, layouts, broadcasting,
 * empty tensors, NaN and infinities. See scripts/make-operator-fixtures.py, which wrote test/fixtures/operators.json.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { camelCase } from '../src/dispatch/overloads.js';
import * as torch from '../src/index.js';
import { freeEverything } from './leaks.js';

freeEverything();

type Spec = { tensor: [shape: number[], kind: string, dtype: torch.DType, layout: string] };
type Argument = Spec | Argument[] | number | string | boolean | null;
/** dtype, shape, some elements, sums of the finite elements and of their sizes, the number of the others */
type Summary = [string, number[], (number | string)[], [number, number], number];

interface Case {
  op: string;
  args: Argument[];
  named?: Record<string, unknown>;
  results: Summary[];
  grads?: (Summary | null)[];
  value?: number | boolean;
}

const cases = JSON.parse(readFileSync(new URL('fixtures/operators.json', import.meta.url), 'utf8')) as Case[];

const SPECIAL = [Number.NaN, Infinity, -Infinity, -0, 0, 1, -1, 2.5, -2.5, 1e30, -1e-30, 0.5];

function build([shape, kind, dtype, layout]: Spec['tensor'], seed: number): torch.Tensor {
  const generator = new torch.Generator(seed);
  const size = layout === 'turned' ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;
  let x: torch.Tensor;
  if (kind === 'special') {
    const count = size.reduce((a, b) => a * b, 1);
    x = torch.tensor(Array.from({ length: count }, (_, i) => SPECIAL[i % SPECIAL.length]!)).view(size);
  } else if (kind.startsWith('below ')) x = torch.randint(0, Number(kind.slice(6)), size, { generator });
  else x = drawn(kind, torch.randn(size, { generator, dtype: 'float64' }));
  x = x.to(dtype);
  if (layout === 'turned') x = x.transpose(-2, -1);
  if (layout === 'rows') x = x.contiguous({ memoryFormat: 'channels_last' });
  if (layout === 'strided') x = torch.stack([x, x], -1).index('...', 0);
  return x;
}

function drawn(kind: string, x: torch.Tensor): torch.Tensor {
  if (kind === 'positive') return x.abs().add(0.1);
  if (kind === 'unit') return x.tanh().mul(0.9);
  if (kind === 'bool') return x.gt(0);
  if (kind === 'spd') return x.matmul(x.mT).add(torch.eye(x.size(-1), { dtype: 'float64' }).mul(3));
  return x;
}

const tensorsIn = (value: unknown): torch.Tensor[] =>
  value instanceof torch.Tensor ? [value] : Array.isArray(value) ? value.flatMap(tensorsIn) : [];

function summary(x: torch.Tensor): Summary {
  const dense = x.detach();
  const full = dense.isComplex() ? torch.viewAsReal(dense.resolveConj()) : dense;
  const all = full.double().flatten().tolist();
  const finite = all.filter(Number.isFinite);
  const step = Math.max(1, Math.floor(all.length / 5));
  const word = (v: number) => (Number.isNaN(v) ? 'nan' : v > 0 ? 'inf' : '-inf');
  const some = all.filter((_, i) => i % step === 0).map((v) => (Number.isFinite(v) ? v : word(v)));
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  return [x.dtype, [...x.shape], some, [sum(finite), sum(finite.map(Math.abs))], all.length - finite.length];
}

/** Relative, of the dtype's own rounding: the kernels are the same ones, and only the order of sums may differ by processor. */
const RELATIVE: Record<string, number> = { float64: 1e-9, complex128: 1e-9, bfloat16: 2e-2, float16: 2e-3 };

function compare(found: Summary, wanted: Summary, what: string): void {
  expect([found[0], found[1], found[4]], `${what}: dtype, shape, elements that are not finite`).toEqual([
    wanted[0],
    wanted[1],
    wanted[4],
  ]);
  const tolerance = RELATIVE[wanted[0]] ?? 2e-5;
  const scale =
    wanted[3][1] /
    Math.max(
      1,
      wanted[1].reduce((a, b) => a * b, 1),
    );
  const near = (a: number | string, b: number | string, size: number) =>
    a === b ||
    (typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= tolerance * (Math.abs(b) + size + 1e-30));
  const bad = wanted[2].findIndex((value, i) => !near(found[2][i]!, value, scale));
  expect(bad < 0 ? 'near' : `${found[2][bad]} for ${wanted[2][bad]}`, what).toBe('near');
  expect(near(found[3][0], wanted[3][0], wanted[3][1]), `${what}: sum ${found[3][0]} for ${wanted[3][0]}`).toBe(true);
}

const byOperator = new Map<string, Case[]>();
for (const one of cases) byOperator.set(one.op, [...(byOperator.get(one.op) ?? []), one]);

test('the fixture has the 300 operators and more that it is for', () => {
  expect(byOperator.size).toBeGreaterThan(300);
  expect(cases.filter(({ grads }) => grads).length).toBeGreaterThan(1000);
});

test.each([...byOperator])('%s', (op, some) => {
  for (const { args, named, results, grads, value } of some) {
    torch.scope(() => {
      const what = `${op}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`;
      const tensors: torch.Tensor[] = [];
      const argument = (given: Argument): unknown => {
        if (Array.isArray(given)) return given.map(argument);
        if (given === null || typeof given !== 'object') return given;
        const x = build(given.tensor, tensors.length + 1);
        if (x.isFloatingPoint()) x.requiresGrad = true;
        tensors.push(x);
        return x;
      };
      const call = Reflect.get(torch.ops, camelCase(op)) as (...given: unknown[]) => unknown;
      const found = call(...args.map(argument), ...(named ? [named] : []));
      const outputs = tensorsIn(found);
      if (value !== undefined) expect(found, what).toEqual(value);
      expect(outputs.length, what).toBe(results.length);
      for (const [i, output] of outputs.entries()) compare(summary(output), results[i]!, `${what}: result ${i}`);
      const following = outputs.filter((x) => x.requiresGrad && x.numel() > 0);
      expect(following.length > 0, `${what}: has a gradient`).toBe(grads !== undefined);
      if (grads === undefined) return;
      following
        .map((x) => (x.isComplex() ? torch.real(x) : x).double().mul(0.5).sum())
        .reduce((a, b) => a.add(b))
        .backward();
      for (const [i, x] of tensors.entries()) {
        const gradient = x.grad;
        expect(gradient === null, `${what}: gradient ${i}`).toBe(grads[i] == null);
        if (gradient !== null) compare(summary(gradient), grads[i]!, `${what}: gradient ${i}`);
      }
    });
  }
});
