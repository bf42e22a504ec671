/** @file What pth.save writes is read by our own reader, and by Python's torch.load(weights_only=True) where a Python torch is at hand. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { freeEverything } from './leaks.js';

freeEverything();

const folder = mkdtempSync(join(tmpdir(), 'twoview-pth-'));
afterAll(() => rmSync(folder, { recursive: true }));

const DTYPES = [
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int64',
  'int32',
  'int16',
  'int8',
  'uint8',
  'bool',
  'float8_e5m2',
  'uint16',
] as const;

function everything(): Record<string, torch.pth.Savable> {
  const shared = torch.tensor([1.5, -2]);
  return {
    ...Object.fromEntries(DTYPES.map((dtype) => [dtype, torch.tensor([0, 1, 2]).to(dtype)])),
    complex: torch.complex(torch.tensor([1]), torch.tensor([2])).conj(),
    turned: torch.arange(6).view(2, 3).t(),
    empty: torch.zeros([0, 3]),
    scalar: torch.tensor(7),
    trained: torch.ones([2], { requiresGrad: true }),
    shared: [shared, shared],
    numbers: [
      0,
      -1,
      2 ** 31,
      -(2 ** 31) - 1,
      2 ** 53 - 1,
      2n ** 70n,
      -(2n ** 63n),
      127n,
      128n,
      -128n,
      -129n,
      0.1,
      Number.NaN,
      -0,
    ],
    words: ['', 'ä€😀', true, false, null],
    'a key.with dots': new Map<torch.pth.Savable, torch.pth.Savable>([[1, new Set(['x'])]]),
  };
}

test('our own reader finds the same', async () => {
  const path = join(folder, 'all.pth');
  const saved = torch.scope(() => {
    const all = everything();
    torch.pth.save(path, all);
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value instanceof torch.Tensor));
  });
  const loaded = (await torch.pth.load(path)) as Map<string, unknown>;
  for (const [name, tensor] of Object.entries(saved) as [string, torch.Tensor][]) {
    const found = loaded.get(name) as torch.Tensor;
    expect([found.dtype, found.shape], name).toEqual([tensor.dtype, tensor.shape]);
    expect(String(found), name).toBe(String(tensor));
  }
  const [first, second] = loaded.get('shared') as torch.Tensor[];
  torch.scope(() => first!.add_(1));
  expect(second!.tolist()).toEqual([2.5, -1]);
  expect(loaded.get('words')).toEqual(['', 'ä€😀', true, false, null]);
  expect((loaded.get('trained') as torch.Tensor).requiresGrad).toBe(true);
  torch.scope(() => [loaded, saved].flatMap((all) => [...(all instanceof Map ? all.values() : Object.values(all))]));
  for (const value of [...loaded.values(), ...Object.values(saved)].flat())
    if (value instanceof torch.Tensor) value.dispose();
});

const python = [process.env.TWOVIEW_PYTHON, 'python3'].find(
  (name) => name !== undefined && spawnSync(name, ['-c', 'import torch']).status === 0,
);

test("Python's torch.load reads it without running code", ({ skip }) => {
  skip(python === undefined, 'no Python torch is at hand: TWOVIEW_PYTHON may name one');
  const path = join(folder, 'python.pth');
  torch.scope(() => torch.pth.save(path, everything()));
  const script = `
import json, sys, torch
x = torch.load(sys.argv[1], weights_only=True, mmap=len(sys.argv) > 2)
same = x["shared"][0].data_ptr() == x["shared"][1].data_ptr()
print(json.dumps({k: [str(v.dtype), v.to(torch.float64).tolist() if not v.is_complex() else [str(c) for c in v.tolist()]] for k, v in x.items() if torch.is_tensor(v)}
  | {"same": same, "numbers": [str(n) for n in x["numbers"]], "words": x["words"], "map": str(x["a key.with dots"]), "grad": x["trained"].requires_grad}))`;
  for (const args of [[path], [path, 'mmap']]) {
    const seen = JSON.parse(execFileSync(python!, ['-c', script, ...args], { encoding: 'utf8' }));
    for (const dtype of DTYPES)
      expect(seen[dtype]).toEqual([`torch.${dtype}`, dtype === 'bool' ? [0, 1, 1] : [0, 1, 2]]);
    expect(seen.complex).toEqual(['torch.complex64', ['(1-2j)']]);
    expect(seen.turned).toEqual([
      'torch.int64',
      [
        [0, 3],
        [1, 4],
        [2, 5],
      ],
    ]);
    expect(seen).toMatchObject({ empty: ['torch.float32', []], scalar: ['torch.float32', 7], same: true, grad: true });
    expect(seen.numbers).toEqual([
      '0',
      '-1',
      '2147483648',
      '-2147483649',
      '9007199254740991',
      String(2n ** 70n),
      String(-(2n ** 63n)),
      '127',
      '128',
      '-128',
      '-129',
      '0.1',
      'nan',
      '0',
    ]);
    expect(seen.words).toEqual(['', 'ä€😀', true, false, null]);
    expect(seen.map).toBe("{1: ['x']}");
  }
});

test('what has no form in Python is refused by name, and leaves no file', () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  for (const value of [new Date(0), () => 1, Symbol.iterator, undefined, circular, { x: new Float32Array(1) }]) {
    expect(() => torch.pth.save(join(folder, 'bad.pth'), value as never)).toThrow(
      expect.objectContaining({ code: 'ARGUMENT' }),
    );
  }
  expect(readdirSync(folder).filter((name) => name.startsWith('bad'))).toEqual([]);
});
