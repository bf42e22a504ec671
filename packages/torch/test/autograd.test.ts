import { describe, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { apart } from './fixture.js';
import { freeEverything } from './leaks.js';

freeEverything();

type F = (x: torch.Tensor) => torch.Tensor;

/** Central differences of a scalar function, in float64: their error is about h^2 = 1e-10 times the third derivative. */
const H = 1e-5;
const TOLERANCE = 1e-7;

function slopes(f: F, values: number[], shape: number[]): number[] {
  const at = (v: number[]) =>
    torch.scope(() => torch.noGrad(() => f(torch.tensor(Float64Array.from(v), { shape })).item()));
  return values.map((value, i) => {
    const moved = (by: number) => values.map((v, j) => (i === j ? value + by : v));
    return (at(moved(H)) - at(moved(-H))) / (2 * H);
  });
}

const FUNCTIONS: [string, number[], F][] = [
  ['a sum of products', [2, 3], (x) => x.mul(x).mul(x).sum()],
  ['a matrix product', [3, 3], (x) => x.matmul(x.t()).sum()],
  [
    'a convolution',
    [1, 2, 4, 4],
    (x) =>
      x
        .conv2d(torch.ones([3, 2, 3, 3], { dtype: 'float64' }), { padding: 1 })
        .square()
        .sum(),
  ],
  ['log-softmax', [2, 4], (x) => x.logSoftmax(1).select(1, 2).sum()],
  ['normalize', [3, 4], (x) => torch.normalize(x).select(1, 0).sum()],
  ['batch norm', [4, 3], (x) => torch.ops.batchNorm(x, null, null, null, null, true, 0.1, 1e-5, false).pow(3).sum()],
  [
    'broadcasting',
    [1, 4],
    (x) =>
      x
        .add(torch.ones([3, 1], { dtype: 'float64' }))
        .exp()
        .sum(),
  ],
  [
    'views, indexing and cat',
    [4, 2],
    (x) =>
      torch
        .cat([x.t().select(0, 1), x.narrow(0, 1, 2).flatten()])
        .square()
        .sum(),
  ],
  [
    'cross entropy',
    [2, 3],
    (x) => torch.crossEntropy(x, torch.tensor([2, 0], { dtype: 'int64' }), { labelSmoothing: 0.1 }),
  ],
  ['silu and sigmoid', [5], (x) => x.silu().mul(x.sigmoid()).sum()],
  [
    'a linear solve',
    [3, 3],
    (x) =>
      torch.ops
        .linalgSolve(x.matmul(x.t()).add(torch.eye(3, { dtype: 'float64' })), torch.ones([3], { dtype: 'float64' }))
        .sum(),
  ],
];

test.each(FUNCTIONS)('the gradient of %s is its slope', (_, shape, f) => {
  torch.scope(() => {
    const x = torch.randn(shape, { dtype: 'float64', generator: new torch.Generator(shape.length) });
    x.requiresGrad = true;
    f(x).backward();
    const wanted = slopes(f, x.tolist(), shape);
    expect(apart(x.grad!.tolist(), wanted)).toBeLessThan(TOLERANCE);
  });
});

test('the gradient of a gradient is the slope of the slope', () => {
  torch.scope(() => {
    const x = torch.tensor([0.5, -2], { dtype: 'float64', requiresGrad: true });
    const [first] = torch.grad(x.pow(4).sum(), [x], { createGraph: true });
    const [second] = torch.grad(first!.sum(), [x]);
    const found = second!.tolist();
    expect(found[0]).toBeCloseTo(12 * 0.25, 12);
    expect(found[1]).toBeCloseTo(12 * 4, 12);
  });
});

test('a graph is used once unless it is kept; an input without a share gets null', () => {
  torch.scope(() => {
    const other = torch.tensor([1, 2], { requiresGrad: true });
    const leaf = torch.tensor([1, 2], { requiresGrad: true });
    const y = leaf.mul(leaf).sum();
    torch.backward([y], { keepGraph: true });
    y.backward();
    expect(leaf.grad!.tolist()).toEqual([4, 8]);
    expect(() => y.backward()).toThrow(/second time/);
    expect(torch.grad(leaf.sum(), [other, leaf])[0]).toBeNull();
  });
});

test('several outputs, each with its gradient', () => {
  torch.scope(() => {
    const x = torch.tensor([1, 2], { requiresGrad: true });
    torch.backward([x.mul(2), x.sum()], { gradients: [torch.tensor([1, 10]), torch.tensor(5)] });
    expect(x.grad!.tolist()).toEqual([7, 25]);
    expect(() => x.mul(2).backward()).toThrow(/scalar/);
  });
});

describe('modes', () => {
  const recording = () => torch.scope(() => torch.tensor([1], { requiresGrad: true }).mul(2).requiresGrad);
  const productType = () => torch.scope(() => torch.ones([2, 2]).mm(torch.ones([2, 2])).dtype);
  const thrown = (run: (body: () => never) => unknown) =>
    expect(() =>
      run(() => {
        throw new Error('inside');
      }),
    ).toThrow('inside');

  test('noGrad and enableGrad nest, and each restores what it found', () => {
    expect(recording()).toBe(true);
    const seen = torch.noGrad(() => [
      recording(),
      torch.enableGrad(() => [recording(), torch.noGrad(recording), recording()]),
      recording(),
    ]);
    expect(seen).toEqual([false, [true, false, true], false]);
    expect(recording()).toBe(true);
  });

  test('after a throw the mode is what it was', () => {
    thrown(torch.noGrad);
    expect(recording()).toBe(true);
    torch.noGrad(() => {
      thrown(torch.enableGrad);
      expect(recording()).toBe(false);
    });
    thrown((body) => torch.autocast({}, body));
    expect(productType()).toBe('float32');
  });

  test('autocast nests: inner settings win and end with their body', () => {
    const seen = torch.autocast({ dtype: 'bfloat16' }, () => [
      productType(),
      torch.autocast({ dtype: 'float16' }, productType),
      torch.autocast({ enabled: false }, productType),
      productType(),
    ]);
    expect(seen).toEqual(['bfloat16', 'float16', 'float32', 'bfloat16']);
    expect(productType()).toBe('float32');
  });

  test('gradients of an autocast product come back in the type of the weights', () => {
    torch.scope(() => {
      const w = torch.tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { requiresGrad: true },
      );
      const out = torch.autocast({ dtype: 'bfloat16' }, () => torch.ones([1, 2]).mm(w));
      out.sum().backward();
      expect([out.dtype, w.grad!.dtype, w.grad!.tolist()]).toEqual(['bfloat16', 'float32', [1, 1, 1, 1]]);
    });
  });

  test('a changed weight is cast anew at the next autocast', () => {
    torch.scope(() => {
      const w = torch.tensor([[1]], { requiresGrad: true });
      const product = () => torch.autocast({}, () => torch.ones([1, 1]).mm(w).item());
      expect(product()).toBe(1);
      torch.noGrad(() => w.fill_(3));
      expect(product()).toBe(3);
    });
  });

  test.each([
    ['noGrad', (body: () => Promise<void>) => torch.noGrad(body)],
    ['enableGrad', (body: () => Promise<void>) => torch.enableGrad(body)],
    ['autocast', (body: () => Promise<void>) => torch.autocast({}, body)],
  ])('%s refuses an asynchronous body, whose mode would leak', (_, run) => {
    expect(() => run(async () => {})).toThrow(expect.objectContaining({ code: 'ASYNC_SCOPE' }));
    expect([recording(), productType()]).toEqual([true, 'float32']);
  });

  test('a device type that does not exist is refused, and nothing changes', () => {
    expect(() => torch.autocast({ device: 'toaster' }, () => 1)).toThrow(torch.TorchError);
    expect(productType()).toBe('float32');
  });
});
