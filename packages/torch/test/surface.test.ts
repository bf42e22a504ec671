/** @file What someone who knows PyTorch types first: function names, tensor methods, creation, printing. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { freeEverything } from './leaks.js';

freeEverything();

const refused = (code: string) => expect.objectContaining({ name: 'TorchError', code });
/** The values of a tensor, which is freed with all that was made on the way. */
const of = (make: () => torch.Tensor) => torch.scope(() => make().toArray());

describe("functions have PyTorch's names", () => {
  test.each<[string, () => torch.Tensor, unknown]>([
    ['sum', () => torch.sum(torch.ones(2, 3)), 6],
    ['bmm', () => torch.bmm(torch.ones(1, 2, 2), torch.ones(1, 2, 1)), [[[2], [2]]]],
    ['einsum', () => torch.einsum('ij,j->i', torch.ones(2, 3), torch.ones(3)), [3, 3]],
    ['einsum with a list', () => torch.einsum('i,i->', [torch.ones(3), torch.ones(3)]), 3],
    ['where', () => torch.where(torch.tensor([true, false]), torch.tensor([1, 2]), torch.tensor([3, 4])), [1, 4]],
    [
      'stack',
      () => torch.stack([torch.zeros(2), torch.ones(2)]),
      [
        [0, 0],
        [1, 1],
      ],
    ],
    ['var, a word of JavaScript', () => torch.var(torch.tensor([1, 3])), 2],
    ['clamp', () => torch.clamp(torch.tensor([-1, 2]), { min: 0, max: 1 }), [0, 1]],
    ['zeros of a list', () => torch.zeros([2]), [0, 0]],
    ['zeros of numbers', () => torch.zeros(1, 2), [[0, 0]]],
    ['a scalar of zeros', () => torch.zeros([]), 0],
  ])('%s', (_, make, wanted) => expect(of(make)).toEqual(wanted));

  test('and are listed', () => {
    const names = Object.keys(torch.ops);
    expect(names.length).toBeGreaterThan(900);
    expect(names).toContain('conv2d');
    expect({ ...torch.ops }.mm).toBe(torch.ops.mm);
  });
});

describe("tensors have PyTorch's methods", () => {
  test('sizes, one by one or as a list', () => {
    torch.scope(() => {
      const x = torch.arange(24).view(2, 3, 4);
      expect(x.view(4, 6).shape).toEqual([4, 6]);
      expect(x.view([4, -1]).shape).toEqual([4, 6]);
      expect(x.reshape(-1).shape).toEqual([24]);
      expect(x.reshape({ shape: [6, 4] } as never).shape).toEqual([6, 4]);
      expect(x.permute(2, 0, 1).shape).toEqual([4, 2, 3]);
      expect(x.select(2, 0).expand(5, 2, 3).shape).toEqual([5, 2, 3]);
      expect(x.repeat(1, 2, 1).shape).toEqual([2, 6, 4]);
      expect([x.size(0), x.size(-1), x.size(), x.dim(), x.stride(), x.stride(0)]).toEqual([
        2,
        4,
        [2, 3, 4],
        3,
        [12, 4, 1],
        12,
      ]);
      expect(x.T.shape).toEqual([4, 3, 2]);
      expect(x.mT.shape).toEqual([2, 4, 3]);
      expect([x.nelement(), x.elementSize(), x.nbytes, x.isFloatingPoint(), x.isCuda]).toEqual([
        24,
        8,
        192,
        false,
        false,
      ]);
    });
  });
  test('conversions', () => {
    torch.scope(() => {
      const x = torch.tensor([1.5, 0]);
      const dtypes = [x.double(), x.half(), x.bfloat16(), x.int(), x.long(), x.bool(), x.float(), x.cpu()].map(
        (y) => y.dtype,
      );
      expect(dtypes).toEqual(['float64', 'float16', 'bfloat16', 'int32', 'int64', 'bool', 'float32', 'float32']);
      expect(x.requiresGrad_().requiresGrad).toBe(true);
    });
  });
  test('rows, one by one', () => {
    expect(torch.scope(() => [...torch.arange(4).view(2, 2)].map((row) => row.tolist()))).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(() => torch.scope(() => [...torch.tensor(1)])).toThrow(refused('ARGUMENT'));
  });
  test('its shape is never that of before', () => {
    torch.scope(() => {
      const x = torch.arange(6).view(2, 3);
      expect(x.shape).toEqual([2, 3]);
      x.t_();
      expect([x.shape, x.toArray(), x.ndim]).toEqual([
        [3, 2],
        [
          [0, 3],
          [1, 4],
          [2, 5],
        ],
        2,
      ]);
      x.unsqueeze_(0);
      expect(x.shape).toEqual([1, 3, 2]);
      x.squeeze_();
      const y = torch.zeros([2]);
      expect(y.shape).toEqual([2]);
      y.resize_([5]).fill_(1);
      expect(String(y)).toBe('tensor([1., 1., 1., 1., 1.])');
      y.setData(torch.ones([7]));
      expect(y.shape).toEqual([7]);
      const leaf = torch.ones([2], { requiresGrad: true });
      leaf.sum().backward();
      const [one, other] = [leaf.grad!, leaf.grad!];
      expect(one.shape).toEqual([2]);
      other.unsqueeze_(0);
      expect(one.shape).toEqual([1, 2]);
    });
  });
  test('the sign and the conjugate are read, wherever they stand', () => {
    torch.scope(() => {
      const z = torch.complex(torch.tensor([1, 2]), torch.tensor([3, 4]));
      const im = torch.imag(z.conj());
      expect([im.tolist(), im.index(0).item(), [...im.toTypedArray()]]).toEqual([[-3, -4], -3, [-3, -4]]);
      expect(String(z.conj())).toBe('tensor([1.-3.j, 2.-4.j])');
      expect((torch.unsafeOp('aten::_efficientzerotensor', [3]) as torch.Tensor).tolist()).toEqual([0, 0, 0]);
      expect((torch.op('aten::to_sparse.sparse_dim', torch.eye(2), 2) as torch.Tensor).toArray()).toEqual([
        [1, 0],
        [0, 1],
      ]);
    });
  });
});

describe("JavaScript's values", () => {
  test.each<[string, () => torch.Tensor, string]>([
    ['numbers, whole or not', () => torch.tensor([1, 2]), 'float32'],
    ['a number', () => torch.full([2], 1), 'float32'],
    ['BigInts', () => torch.tensor([1n, 2n]), 'int64'],
    ['a BigInt', () => torch.full([2], 1n), 'int64'],
    ['booleans', () => torch.tensor([[true], [false]]), 'bool'],
    ['a boolean', () => torch.full([2], true), 'bool'],
    ['a mixture', () => torch.tensor([true, 2n, 3]), 'float32'],
    ['nothing', () => torch.tensor([]), 'float32'],
    ['a Buffer', () => torch.tensor(Buffer.from([1, 2])), 'uint8'],
    ['clamped bytes', () => torch.tensor(new Uint8ClampedArray([1])), 'uint8'],
    ['shared memory', () => torch.tensor(new Float64Array(new SharedArrayBuffer(16))), 'float64'],
    ['bare memory', () => torch.tensor(new ArrayBuffer(3)), 'uint8'],
    ['a subclass', () => torch.tensor(new (class Mine extends Int16Array {})(2)), 'int16'],
    ['a list of arrays', () => torch.tensor([Float32Array.of(1, 2), Float32Array.of(3, 4)]), 'float32'],
  ])('%s', (_, make, dtype) => expect(torch.scope(() => make().dtype)).toBe(dtype));

  test.each<[string, unknown, object?]>([
    ['texts', ['a']],
    ['undefined', [undefined]],
    ['null', [null]],
    ['tensors', [{ item: () => 1 }]],
    ['objects', [{}]],
    ['a hole', new Array(1)],
    ['too large a byte', [256], { dtype: 'uint8' }],
    ['too small a byte', [-1], { dtype: 'uint8' }],
    ['NaN as an integer', [Number.NaN], { dtype: 'int64' }],
    ['2^63 as an integer', [2 ** 63], { dtype: 'int64' }],
    ['2^64 as a BigInt', [2n ** 64n]],
    ['lists too deep', Array.from({ length: 70 }).reduce<unknown>((inner) => [inner], 1)],
  ])('%s are refused', (_, data, options) => {
    expect(() => torch.tensor(data as never, options as never)).toThrow(refused('ARGUMENT'));
  });

  test('a list of tensors is told of stack', () => {
    torch.scope(() => expect(() => torch.tensor([torch.ones(1)] as never)).toThrow(/torch.stack\(\[a, b\]\)/));
  });

  test('integers keep all their digits', () => {
    torch.scope(() => {
      const large = 9007199254740993n;
      const x = torch.tensor([large]);
      expect(x.item<bigint>()).toBe(large);
      expect(x.tolist<bigint>()).toEqual([large]);
      expect(torch.tensor([3n]).item()).toBe(3);
      expect(torch.tensor(new BigUint64Array([2n ** 64n - 1n])).item<bigint>()).toBe(2n ** 64n - 1n);
      expect(torch.tensor([large], { dtype: 'int64' }).item<bigint>()).toBe(large);
      // As the keys of random streams are handed to a kernel for GPUs.
      const [sum] = torch.unsafeOp('aten::_foreach_add.ScalarList', [torch.tensor([1n])], [-large]) as [torch.Tensor];
      expect(sum.item<bigint>()).toBe(1n - large);
    });
  });
});

describe('what a person sees', () => {
  test('a tensor is printed as in PyTorch, and a network too', () => {
    torch.scope(() => expect(inspect({ x: torch.ones(2) })).toBe('{ x: tensor([1., 1.]) }'));
    const net = new torch.nn.Sequential([new torch.nn.Linear(2, 3), new torch.nn.ReLU()]);
    expect(String(net)).toBe('Sequential(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n  (1): ReLU()\n)');
    net.dispose();
  });
  test("JavaScript's operators are for one number", () => {
    torch.scope(() => {
      expect(`${torch.ones(2)}`).toBe('tensor([1., 1.])');
      expect((torch.tensor(2) as unknown as number) * 3).toBe(6);
      expect(() => (torch.ones(2) as unknown as number) + 1).toThrow(/a.add\(b\)/);
      expect(JSON.stringify({ x: torch.ones(1, 2) })).toBe('{"x":[[1,1]]}');
    });
  });
  test('what a scope returns lives, in objects of any kind', () => {
    class Pair {
      constructor(readonly x: torch.Tensor) {}
    }
    const kept = torch.scope(
      () => [new Pair(torch.ones(1)), new Set([torch.ones(1)]), new Map([['x', { y: torch.ones(1) }]])] as const,
    );
    const tensors = [kept[0].x, ...kept[1], kept[2].get('x')!.y];
    expect(tensors.map((one) => one.disposed)).toEqual([false, false, false]);
    for (const one of tensors) one.dispose();
  });
});
