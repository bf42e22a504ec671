import { describe, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { apart, distance, fixture, type Packed, unpack } from './fixture.js';
import { freeEverything } from './leaks.js';

/** The kernels are PyTorch's own; what may differ is the order of sums on another processor: a few float32 steps (6e-8). */
const TOLERANCE = 2e-6;

freeEverything();

const LAYERS: Record<string, () => torch.nn.Module> = {
  'Conv2d(3, 4, 3)': () => new torch.nn.Conv2d(3, 4, 3),
  'Conv2d(4, 6, 3, stride 2, padding 1, groups 2)': () =>
    new torch.nn.Conv2d(4, 6, 3, { stride: 2, padding: 1, groups: 2 }),
  'Conv2d(2, 3, 3, dilation 2, no bias)': () => new torch.nn.Conv2d(2, 3, 3, { dilation: 2, bias: false }),
  'Linear(5, 3)': () => new torch.nn.Linear(5, 3),
  'Linear(5, 3, no bias)': () => new torch.nn.Linear(5, 3, { bias: false }),
  ReLU: () => new torch.nn.ReLU(),
  ReLU6: () => new torch.nn.ReLU6(),
  SiLU: () => new torch.nn.SiLU(),
  Sigmoid: () => new torch.nn.Sigmoid(),
  'MaxPool2d(3, stride 2, padding 1)': () => new torch.nn.MaxPool2d(3, { stride: 2, padding: 1 }),
  'MaxPool2d(2)': () => new torch.nn.MaxPool2d(2),
  'AdaptiveAvgPool2d(1)': () => new torch.nn.AdaptiveAvgPool2d(1),
  'AdaptiveAvgPool2d(3)': () => new torch.nn.AdaptiveAvgPool2d(3),
  Flatten: () => new torch.nn.Flatten(),
  'Dropout(0.5)': () => new torch.nn.Dropout(0.5),
  Sequential: () =>
    new torch.nn.Sequential([
      new torch.nn.Linear(4, 5),
      new torch.nn.BatchNorm1d(5),
      new torch.nn.ReLU(),
      new torch.nn.Linear(5, 2),
    ]),
  'BatchNorm2d(3)': () => new torch.nn.BatchNorm2d(3),
  'BatchNorm1d(4)': () => new torch.nn.BatchNorm1d(4),
  'BatchNorm1d(4, no affine)': () => new torch.nn.BatchNorm1d(4, { affine: false }),
  'BatchNorm2d(3, momentum 0.01, eps 0.001)': () => new torch.nn.BatchNorm2d(3, { momentum: 0.01, eps: 1e-3 }),
};

interface LayerCase {
  layer: string;
  train: boolean;
  state: Record<string, Packed>;
  input: Packed;
  upstream: Packed;
  output: Packed;
  inputGrad: Packed;
  grads: Record<string, Packed>;
  after: Record<string, Packed>;
}

describe.each(fixture<LayerCase[]>('layers.json'))('$layer, train $train', (wanted) => {
  test("output, gradients, keys and buffers are PyTorch's", () => {
    const layer = LAYERS[wanted.layer]!();
    torch.scope(() => {
      expect(Object.keys(layer.stateDict())).toEqual(Object.keys(wanted.state));
      layer.loadStateDict(Object.fromEntries(Object.entries(wanted.state).map(([key, value]) => [key, unpack(value)])));
      layer.train(wanted.train);
      const x = unpack(wanted.input);
      x.requiresGrad = true;
      const out = layer.forward(x);
      out.backward(unpack(wanted.upstream));
      expect(distance(out, wanted.output)).toBeLessThan(TOLERANCE);
      expect(distance(x.grad!, wanted.inputGrad)).toBeLessThan(TOLERANCE);
      const parameters = [...layer.namedParameters()];
      expect(parameters.map(([name]) => name)).toEqual(Object.keys(wanted.grads));
      for (const [name, parameter] of parameters)
        expect(distance(parameter.grad!, wanted.grads[name]!), name).toBeLessThan(TOLERANCE);
      for (const [name, buffer] of layer.namedBuffers())
        expect(distance(buffer, wanted.after[name]!), name).toBeLessThan(TOLERANCE);
    });
    layer.dispose();
  });
});

/** Those of layers.test.ts. */
const moreLayers = () =>
  fixture<{ typescript: string }[]>('more-layers.json').map(
    ({ typescript }) =>
      () =>
        new Function('nn', 'torch', `return ${typescript}`)(torch.nn, torch) as torch.nn.Module,
  );

test('every layer that the package exports has its case', () => {
  const tested = new Set(
    [...Object.values(LAYERS), ...moreLayers()].flatMap((make) => {
      const layer = make();
      const names = [...layer.modules()].map((module) => module.constructor.name);
      layer.dispose();
      return names;
    }),
  );
  const exported = Object.entries(torch.nn)
    .filter(([, value]) => typeof value === 'function' && value.prototype instanceof torch.nn.Module)
    .map(([name]) => name);
  // BatchNorm is what its two forms share; Identity gives its argument back, tested below.
  expect(exported.filter((name) => !tested.has(name)).sort()).toEqual(['BatchNorm', 'Identity']);
  const x = torch.ones([1]);
  expect(new torch.nn.Identity().forward(x)).toBe(x);
  x.dispose();
});

test('batch norm moves its running statistics as PyTorch does, and not in evaluation', () => {
  const steps = fixture<{ input: Packed; after: Record<string, Packed> }[]>('running-statistics.json');
  const layer = new torch.nn.BatchNorm1d(3);
  torch.scope(() => {
    for (const { input, after } of steps) {
      layer.forward(unpack(input));
      for (const [name, buffer] of layer.namedBuffers()) expect(distance(buffer, after[name]!)).toBeLessThan(TOLERANCE);
    }
    layer.eval().forward(unpack(steps[0]!.input));
    for (const [name, buffer] of layer.namedBuffers())
      expect(distance(buffer, steps.at(-1)!.after[name]!)).toBeLessThan(TOLERANCE);
  });
  layer.dispose();
});

test('dropout drops a share p in training, scales the rest, and draws anew each time', () => {
  torch.scope(() => {
    torch.manualSeed(1);
    const layer = new torch.nn.Dropout(0.3);
    const [first, second] = [layer.forward(torch.ones([100_000])), layer.forward(torch.ones([100_000]))];
    const values = first.tolist();
    const dropped = values.filter((value) => value === 0).length / values.length;
    expect(Math.abs(dropped - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / 100_000)); // five standard deviations
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / 0.7)]));
    expect(second.tolist()).not.toEqual(values);
  });
});

describe('initialisation', () => {
  type Drawn = Record<string, Record<string, { shape: number[]; first: number[]; mean: number; std: number }>>;
  const drawn = fixture<Drawn>('initialisation.json');
  // The same numbers of the same stream; the bound is rounded once differently than in Python.
  const CLOSE = 2e-7;

  test.each<[string, () => torch.nn.Module]>([
    ['Conv2d(8, 16, 3)', () => new torch.nn.Conv2d(8, 16, 3)],
    ['Conv2d(8, 16, 3, groups 4)', () => new torch.nn.Conv2d(8, 16, 3, { groups: 4 })],
    ['Linear(40, 20)', () => new torch.nn.Linear(40, 20)],
  ])('%s draws what PyTorch draws from the same seed', (name, make) => {
    torch.manualSeed(3);
    const layer = make();
    for (const [key, parameter] of layer.namedParameters()) {
      const wanted = drawn[name]![key]!;
      expect(parameter.shape).toEqual(wanted.shape);
      const values = parameter.tolist();
      expect(apart(values, wanted.first)).toBeLessThan(CLOSE);
      expect(Math.abs(mean(values) - wanted.mean)).toBeLessThan(CLOSE);
      expect(Math.abs(deviation(values) - wanted.std)).toBeLessThan(CLOSE);
    }
    layer.dispose();
  });

  test("kaimingNormal draws He's normal for either fan", () => {
    torch.manualSeed(3);
    const weight = torch.empty([64, 32, 3, 3]);
    for (const mode of ['in', 'out'] as const) {
      const wanted = drawn[`kaimingNormal fan_${mode}`]!.weight!;
      const values = torch.nn.init.kaimingNormal(weight, { mode }).tolist();
      expect(apart(values, wanted.first)).toBeLessThan(CLOSE);
      expect(Math.abs(deviation(values) - wanted.std)).toBeLessThan(CLOSE);
    }
    weight.dispose();
  });

  test('a generator makes weights independent of the default stream', () => {
    const draw = () => {
      const layer = new torch.nn.Linear(3, 3, { generator: new torch.Generator(5) });
      const values = layer.weight.tolist();
      layer.dispose();
      return values;
    };
    const first = draw();
    torch.manualSeed(99);
    expect(draw()).toEqual(first);
  });
});

describe('crossEntropy', () => {
  interface Case {
    target: 'classes' | 'probabilities';
    smoothing: number;
    weighted: boolean;
    reduction: 'mean' | 'sum' | 'none';
    loss: Packed;
    grad: Packed;
  }
  const all = fixture<Record<'logits' | 'classes' | 'probabilities' | 'weight', Packed> & { cases: Case[] }>(
    'cross-entropy.json',
  );
  test.each(all.cases)('$target, smoothing $smoothing, weighted $weighted, $reduction', (one) => {
    torch.scope(() => {
      const logits = unpack(all.logits);
      logits.requiresGrad = true;
      const loss = torch.crossEntropy(logits, unpack(all[one.target]), {
        labelSmoothing: one.smoothing,
        reduction: one.reduction,
        weight: one.weighted ? unpack(all.weight) : null,
      });
      loss.sum().backward();
      expect(distance(loss, one.loss)).toBeLessThan(TOLERANCE);
      expect(distance(logits.grad!, one.grad)).toBeLessThan(TOLERANCE);
    });
  });
  test.each([-0.1, 1.1, Number.NaN])('refuses a smoothing of %d', (labelSmoothing) => {
    torch.scope(() => {
      const call = () => torch.crossEntropy(unpack(all.logits), unpack(all.classes), { labelSmoothing });
      expect(call).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
    });
  });
});

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const deviation = (values: number[]) => {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
};
