/** @file Batch norm with its sum and activation in one operator: against the definition in float64, on every path through it. */
import { beforeAll, describe, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { freeEverything } from './leaks.js';

beforeAll(() => torch.load({ threads: 2 }));
freeEverything();

const EPS = 1e-5;
const MOMENTUM = 0.1;

interface Case {
  dtype: 'float32' | 'bfloat16';
  /** Images, channels, side: one chunk and many, whole registers and not, rows that count as one and an odd number of them. */
  size: [number, number, number];
  activation: 'none' | 'relu' | 'silu';
  plus: boolean;
}

const SIZES: Case['size'][] = [[2, 1, 2], [5, 3, 7], [6, 27, 7], [9, 64, 17], [8, 600, 2], [4, 38, 40]]; // biome-ignore format: sizes
const KINDS: Pick<Case, 'activation' | 'plus'>[] = [
  { activation: 'none', plus: false },
  { activation: 'none', plus: true },
  { activation: 'relu', plus: false },
  { activation: 'relu', plus: true },
  { activation: 'silu', plus: false },
];
const CASES = (['float32', 'bfloat16'] as const).flatMap((dtype) =>
  SIZES.flatMap((size) => KINDS.map((kind): Case => ({ dtype, size, ...kind }))),
);

const channelsLast = (x: torch.Tensor) => x.contiguous({ memoryFormat: 'channels_last' });
const leaf = (x: torch.Tensor) => {
  const own = x.detach();
  own.requiresGrad = true;
  return own;
};

/** What one of the two sides computed: the output, the gradients, and where the running statistics went from 0 and 1. */
type Computed = Record<'y' | 'dx' | 'dPlus' | 'dWeight' | 'dBias' | 'mean' | 'variance', torch.Tensor | null>;
type Given = Record<'x' | 'plus' | 'dy' | 'weight' | 'bias', torch.Tensor>;

function layerOf({ weight, bias }: Given): torch.nn.BatchNorm2d {
  const layer = new torch.nn.BatchNorm2d(weight.shape[0]!, { eps: EPS, momentum: MOMENTUM });
  torch.noGrad(() => [layer.weight!.copy_(weight), layer.bias!.copy_(bias)]);
  return layer;
}

function fused(given: Given, { activation, plus }: Omit<Case, 'size'>): Computed {
  const layer = layerOf(given);
  const [x, added] = [leaf(given.x), leaf(given.plus)];
  const y = layer.forward(x, { activation, plus: plus ? added : null });
  y.backward(given.dy);
  const computed = {
    ...{ y, dx: x.grad, dPlus: added.grad, dWeight: layer.weight!.grad, dBias: layer.bias!.grad },
    ...{ mean: layer.runningMean.clone(), variance: layer.runningVar.clone() },
  };
  layer.dispose();
  return computed;
}

/** By the definition, in float64. */
function defined(given: Given, { activation, plus }: Omit<Case, 'size'>): Computed {
  const [x, added, weight, bias] = [given.x, given.plus, given.weight, given.bias].map((one) =>
    leaf(one.to('float64')),
  );
  const over = { keepdim: true };
  const mean = x!.mean([0, 2, 3], over);
  const variance = x!.sub(mean).square().mean([0, 2, 3], over);
  const normal = x!.sub(mean).div(variance.add(EPS).sqrt());
  const line = normal.mul(weight!.view([1, -1, 1, 1])).add(bias!.view([1, -1, 1, 1]));
  const z = plus ? line.add(added!) : line;
  const y = { none: () => z, relu: () => z.relu(), silu: () => z.mul(z.sigmoid()) }[activation]();
  y.backward(given.dy.to('float64'));
  const count = x!.numel() / x!.shape[1]!;
  return {
    ...{ y, dx: x!.grad, dPlus: added!.grad, dWeight: weight!.grad, dBias: bias!.grad },
    mean: mean.flatten().mul(MOMENTUM),
    variance: variance
      .flatten()
      .mul((MOMENTUM * count) / (count - 1))
      .add(1 - MOMENTUM),
  };
}

function draw([images, channels, side]: Case['size'], dtype: Case['dtype'], offset = 2): Given {
  torch.manualSeed(images + channels);
  const map = () => channelsLast(torch.randn([images, channels, side, side]));
  return {
    ...{ x: map().mul(3).add(offset).to(dtype), plus: map().to(dtype), dy: map().to(dtype) },
    ...{ weight: torch.rand([channels]).add(0.5), bias: torch.randn([channels]) },
  };
}

/** The largest distance, as a share of the largest number. */
function distance(a: torch.Tensor, b: torch.Tensor): number {
  const largest = Math.max(b.abs().max().item(), 1e-3);
  return a.to('float64').sub(b.to('float64')).abs().max().item() / largest;
}

/** bfloat16 keeps 8 bits; sums over a batch are kept in float32. */
const MAPS = { float32: 2e-6, bfloat16: 2 ** -8 };
const SUMS = 5e-6;

describe.each(CASES)('$dtype $size, activation $activation, a sum $plus', ({ size, ...kind }) => {
  test('output, gradients and running statistics are those of the definition', () => {
    torch.scope(() => {
      const given = draw(size, kind.dtype);
      const [ours, wanted] = [fused(given, kind), defined(given, kind)];
      for (const name of ['y', 'dx', 'dPlus'] as const) {
        expect(ours[name] === null, name).toBe(wanted[name] === null);
        if (wanted[name] === null) continue;
        expect(ours[name]!.dtype).toBe(kind.dtype);
        const roundings = name === 'dx' && kind.activation === 'silu' ? 2 : 1; // the gradient behind SiLU is kept as well
        expect(distance(ours[name]!, wanted[name]!), name).toBeLessThan(roundings * MAPS[kind.dtype]);
      }
      for (const name of ['dWeight', 'dBias', 'mean', 'variance'] as const)
        expect(distance(ours[name]!, wanted[name]!), name).toBeLessThan(SUMS);
    });
  });
});

test.each(CASES)('$dtype $size, activation $activation, a sum $plus: by known statistics', ({ size, ...kind }) => {
  torch.scope(() => {
    const given = draw(size, kind.dtype);
    const layer = layerOf(given).eval();
    torch.noGrad(() => [layer.runningMean.copy_(given.bias.add(1)), layer.runningVar.copy_(given.weight.mul(3))]);
    const plus = kind.plus ? given.plus : null;
    const y = torch.noGrad(() => layer.forward(given.x, { plus, activation: kind.activation }));
    const tall = (x: torch.Tensor) => x.to('float64').view([1, -1, 1, 1]);
    const slope = tall(given.weight).div(tall(layer.runningVar).add(EPS).sqrt());
    const line = given.x.to('float64').sub(tall(layer.runningMean)).mul(slope).add(tall(given.bias));
    const z = kind.plus ? line.add(given.plus) : line;
    const wanted = { none: () => z, relu: () => z.relu(), silu: () => z.mul(z.sigmoid()) }[kind.activation]();
    expect(y.dtype).toBe(kind.dtype);
    expect(distance(y, wanted)).toBeLessThan(MAPS[kind.dtype]);
    layer.dispose();
  });
});

test('numbers far from zero keep their variance', () => {
  torch.scope(() => {
    const given = draw([9, 24, 17], 'float32', 10_000);
    const kind = { dtype: 'float32', activation: 'none', plus: false } as const;
    expect(distance(fused(given, kind).variance!, defined(given, kind).variance!)).toBeLessThan(SUMS);
  });
});

test('what is no number stays none, so that a training that has gone astray is seen', () => {
  torch.scope(() => {
    const given = draw([4, 8, 5], 'float32');
    given.x.select(1, 3).fill_(Number.NaN);
    for (const { activation, plus } of KINDS) {
      const { y } = fused(given, { dtype: 'float32', activation, plus });
      const channels = y!.isnan().to('float32').mean([0, 2, 3]).tolist();
      expect(channels).toEqual([0, 0, 0, 1, 0, 0, 0, 0]);
    }
  });
});

test('the number of threads changes no bit', () => {
  torch.scope(() => {
    const given = draw([9, 38, 33], 'float32');
    const all = [1, 2, 3].map((threads) => {
      torch.setNumThreads(threads);
      const { y, dx, dWeight } = fused(given, { dtype: 'float32', activation: 'relu', plus: true });
      return [y, dx, dWeight].map((x) => x!.tolist());
    });
    torch.setNumThreads(2);
    expect(all[1]).toEqual(all[0]);
    expect(all[2]).toEqual(all[0]);
  });
});

test('it runs where it can, and elsewhere libtorch’s own operators do the same', () => {
  torch.scope(() => {
    const given = draw([4, 8, 5], 'float32');
    const layer = layerOf(given);
    const namesOf = (x: torch.Tensor, then: torch.nn.Then = {}) =>
      torch.profile(() => void layer.forward(x, then)).map(({ name }) => name);
    const own = 'twoview::batch_norm_then';
    expect(namesOf(given.x)).toContain(own);
    expect(namesOf(given.x.contiguous())).not.toContain(own);
    expect(namesOf(given.x, { plus: given.plus, activation: 'silu' })).not.toContain(own);
    layer.eval();
    const known = 'twoview::known_norm_then';
    expect(namesOf(given.x)).not.toContain(known); // autograd follows the weights
    expect(torch.noGrad(() => namesOf(given.x))).toContain(known);
    layer.train();
    const [rows, columns] = [given.x, given.x.contiguous()].map((x) => {
      const added = given.plus.clone();
      const y = layer.forward(x, { plus: added, activation: 'relu' });
      expect(distance(added, given.plus)).toBe(0);
      return y;
    });
    expect(distance(rows!, columns!)).toBeLessThan(MAPS.float32);
    layer.dispose();
  });
});
