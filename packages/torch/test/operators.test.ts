import { beforeAll, expect, test } from 'vitest';
import * as torch from '../src/index.js';

beforeAll(() => torch.load({ threads: 1 }));

test('an operator is a method with positional and named arguments', () => {
  const x = torch.ones([1, 1, 4, 4]);
  const w = torch.ones([2, 1, 3, 3]);
  expect(x.conv2d(w, { stride: 1, padding: 1 }).shape).toEqual([1, 2, 4, 4]);
  expect(x.conv2d(w, null, 1, [1, 1]).shape).toEqual([1, 2, 4, 4]);
  expect(x.conv2d(w).toArray()).toEqual([
    [
      [
        [9, 9],
        [9, 9],
      ],
      [
        [9, 9],
        [9, 9],
      ],
    ],
  ]);
});

test('the arguments choose the overload', () => {
  const x = torch.tensor([1, 2, 3]);
  expect(x.add(1).toArray()).toEqual([2, 3, 4]);
  expect(x.add(x, { alpha: 2 }).toArray()).toEqual([3, 6, 9]);
  expect(x.sum().item()).toBe(6);
  expect(torch.ones([2, 3]).sum(1).toArray()).toEqual([3, 3]);
  expect(torch.ones([2, 3]).sum([0], { keepdim: true }).toArray()).toEqual([[2, 2, 2]]);
  const [values, indices] = x.topk(2);
  expect(values.toArray()).toEqual([3, 2]);
  expect(indices.toArray()).toEqual([2, 1]);
  expect(torch.ops.pow(2, x).toArray()).toEqual([2, 4, 8]);
});

test('an in-place operator returns the very tensor', () => {
  const x = torch.zeros([2]);
  expect(x.add_(1)).toBe(x);
  expect(x.toArray()).toEqual([1, 1]);
});

test('lists with holes reach advanced indexing', () => {
  const x = torch.arange(6).reshape([2, 3]);
  expect(x.index([null, torch.tensor([2, 0], { dtype: 'int64' })]).toArray()).toEqual([
    [2, 0],
    [5, 3],
  ]);
});

test('a wrong argument lists every form of the operator', () => {
  const x = torch.ones([2]);
  const call = () => (x.add as (v: unknown) => unknown)('three');
  expect(call).toThrow(/aten::add\.Tensor\(Tensor self, Tensor other/);
  expect(call).toThrow(/code {3}ARGUMENT/);
});

test("libtorch's own words reach the caller with the operator's name", () => {
  const call = () => torch.ones([2, 3]).mm(torch.ones([2, 3]));
  expect(call).toThrow(/aten::mm: mat1 and mat2 shapes cannot be multiplied \(2x3 and 2x3\)/);
  expect(call).toThrow(expect.objectContaining({ code: 'OPERATOR', operator: 'aten::mm' }));
});

test('the untyped door takes any operator and trusts no argument', () => {
  const a = torch.ones([2, 2]);
  expect((torch.op('aten::mm', a, a) as torch.Tensor).toArray()).toEqual([
    [2, 2],
    [2, 2],
  ]);
  for (const bad of [{}, null, undefined, 5, 'x', [], () => 1, Symbol.iterator]) {
    expect(() => torch.op('aten::mm', a, bad)).toThrow(expect.objectContaining({ name: 'TorchError' }));
  }
  expect(() => torch.op('aten::nothing')).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPERATOR' }));
  expect(() => torch.op('aten::mm', a, a, a)).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
});

test('generators repeat their numbers', () => {
  const draw = () => torch.randn([3], { generator: new torch.Generator(7) }).toArray();
  expect(draw()).toEqual(draw());
});

test('scope frees what it does not return, also after a throw', () => {
  const before = torch.liveTensors();
  const kept = torch.scope(() => {
    const a = torch.ones([2]);
    return { sum: a.add(a).sum(), list: [a.mul(2)] };
  });
  expect(torch.liveTensors()).toBe(before + 2);
  expect(kept.sum.item()).toBe(4);
  expect(() =>
    torch.scope(() => {
      torch.ones([2]);
      throw new Error('x');
    }),
  ).toThrow('x');
  expect(torch.liveTensors()).toBe(before + 2);
  kept.sum.dispose();
  kept.list[0]!.dispose();
  expect(torch.liveTensors()).toBe(before);
  expect(() => kept.sum.item()).toThrow(expect.objectContaining({ code: 'TENSOR_DISPOSED' }));
});

test('gradients flow, accumulate and stop', () => {
  const x = torch.tensor([3], { requiresGrad: true });
  x.mul(x).sum().backward();
  expect(x.grad!.toArray()).toEqual([6]);
  x.mul(2).sum().backward();
  expect(x.grad!.toArray()).toEqual([8]);
  expect(torch.noGrad(() => x.mul(x)).requiresGrad).toBe(false);
  expect(torch.grad(x.mul(x).sum(), [x])[0]!.toArray()).toEqual([6]);
});

test('autocast computes products in bfloat16 and leaves the mode as it was', () => {
  const a = torch.ones([2, 2]);
  expect(torch.autocast({ dtype: 'bfloat16' }, () => a.mm(a)).dtype).toBe('bfloat16');
  expect(a.mm(a).dtype).toBe('float32');
});

test('typed arrays come and go in one copy, half precision as bits', () => {
  const x = torch.tensor(Float32Array.of(1, 2, 3, 4), { shape: [2, 2] });
  expect(x.t().toTypedArray()).toEqual(Float32Array.of(1, 3, 2, 4));
  expect(torch.tensor([1], { dtype: 'bfloat16' }).toTypedArray()).toEqual(Uint16Array.of(0x3f80));
  expect(torch.tensor(Uint16Array.of(0x3c00), { dtype: 'float16' }).tolist()).toEqual([1]);
  expect(
    torch
      .tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { dtype: 'int64' },
      )
      .toTypedArray(),
  ).toEqual(BigInt64Array.of(1n, 2n, 3n, 4n));
  expect(() => torch.tensor([[1], [2, 3]])).toThrow(/same lengths/);
});
