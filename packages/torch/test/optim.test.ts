import { describe, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { apart, distance, fixture, type Packed, unpack } from './fixture.js';
import { freeEverything } from './leaks.js';

/** 20 steps of float32; the fused kernels round in another order than Python's default loops, a few steps of 6e-8 each time. */
const TOLERANCE = 5e-6;
const BASE = 0.05;

freeEverything();

interface Problem {
  start: { weight: Packed; bias: Packed };
  x: Packed;
  y: Packed;
  runs: Record<string, { step: number; weight: Packed; bias: Packed }[]>;
}
const problem = fixture<Problem>('optimizers.json');

type Make = (groups: torch.optim.ParameterGroup[]) => torch.optim.Optimizer;
const OPTIMISERS: Record<string, Make> = {
  SGD: (g) => new torch.optim.SGD(g, { lr: BASE }),
  'SGD, momentum 0.9': (g) => new torch.optim.SGD(g, { lr: BASE, momentum: 0.9 }),
  'SGD, momentum 0.9, Nesterov': (g) => new torch.optim.SGD(g, { lr: BASE, momentum: 0.9, nesterov: true }),
  Adam: (g) => new torch.optim.Adam(g, { lr: BASE }),
  'Adam, betas 0.8 0.95, eps 1e-3': (g) => new torch.optim.Adam(g, { lr: BASE, betas: [0.8, 0.95], eps: 1e-3 }),
  AdamW: (g) => new torch.optim.AdamW(g, { lr: BASE }),
  Muon: (g) => new torch.optim.Muon(g, { lr: BASE }),
};

/** A weight that decays, and a bias that does not and moves at half the rate: PyTorch's two groups. */
function begin(make: Make) {
  const weight = unpack(problem.start.weight);
  const bias = unpack(problem.start.bias);
  weight.requiresGrad = true;
  bias.requiresGrad = true;
  const optimizer = make([
    { parameters: [['weight', weight]], weightDecay: 0.1 },
    { parameters: [['bias', bias]], weightDecay: 0, lrScale: 0.5, adapt: false },
  ]);
  const [x, y] = [unpack(problem.x), unpack(problem.y)];
  return {
    weight,
    bias,
    optimizer,
    step(i: number) {
      optimizer.lr = BASE * (1 - i / 40);
      optimizer.zeroGrad();
      torch.scope(() => x.linear(weight, bias).tanh().sub(y).square().mean().backward());
      optimizer.step();
    },
    end() {
      optimizer.zeroGrad();
      optimizer.dispose();
      for (const tensor of [weight, bias, x, y]) tensor.dispose();
    },
  };
}

test.each(Object.entries(OPTIMISERS))("%s takes PyTorch's 20 steps, in two groups", (name, make) => {
  const run = begin(make);
  for (let i = 0; i < 20; i++) {
    run.step(i);
    const wanted = problem.runs[name]!.find(({ step }) => step === i);
    if (wanted === undefined) continue;
    expect(distance(run.weight, wanted.weight), `weight at ${i}`).toBeLessThan(TOLERANCE);
    expect(distance(run.bias, wanted.bias), `bias at ${i}`).toBeLessThan(TOLERANCE);
  }
  run.end();
});

test.each(
  Object.entries({ ...OPTIMISERS, LARS: (g: torch.optim.ParameterGroup[]) => new torch.optim.LARS(g, { lr: BASE }) }),
)('%s goes on with the same bits from a saved state', (_, make) => {
  const whole = begin(make);
  const second = begin(make);
  for (let i = 0; i < 6; i++) whole.step(i);
  for (let i = 0; i < 3; i++) second.step(i);
  const third = begin(make);
  torch.scope(() =>
    torch.noGrad(() => {
      third.weight.copy_(second.weight);
      third.bias.copy_(second.bias);
      third.optimizer.loadStateDict(second.optimizer.stateDict());
    }),
  );
  for (let i = 3; i < 6; i++) third.step(i);
  expect(third.weight.tolist()).toEqual(whole.weight.tolist());
  expect(third.bias.tolist()).toEqual(whole.bias.tolist());
  for (const run of [whole, second, third]) run.end();
});

/** LARS with plain loops in float64, from the paper's formula; shares no line with optim/lars.ts. */
function larsByDefinition(steps: number, gradients: number[][], start: number[], adapt: boolean, decay: number) {
  const norm = (v: number[]) => Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));
  let w = [...start];
  let velocity = start.map(() => 0);
  for (let t = 0; t < steps; t++) {
    const g = gradients[t]!.map((value, i) => value + decay * w[i]!);
    const trust = adapt && norm(w) > 0 && norm(g) > 0 ? (0.001 * norm(w)) / norm(g) : 1;
    velocity = velocity.map((value, i) => 0.9 * value + 2 * trust * g[i]!);
    w = w.map((value, i) => value - velocity[i]!);
  }
  return w;
}

test.each([
  ['a weight, adapted', [0.5, -1, 2, 0.1], true, 1e-2],
  ['a bias, not adapted', [0.5, -1, 2, 0.1], false, 0],
  ['zeros, which have no direction of their own', [0, 0, 0, 0], true, 0],
])('LARS follows its definition: %s', (_, start, adapt, weightDecay) => {
  const random = torch.randn([20, 4], { generator: new torch.Generator(4) });
  const gradients = random.toArray() as number[][];
  random.dispose();
  const w = torch.tensor(start, { requiresGrad: true });
  const optimizer = new torch.optim.LARS([{ parameters: [['w', w]], weightDecay, adapt }], { lr: 2 });
  for (const gradient of gradients) {
    torch.scope(() => {
      w.grad = torch.tensor(gradient);
    });
    optimizer.step();
  }
  const wanted = larsByDefinition(20, gradients, start, adapt, weightDecay);
  // Values grow to some ten; float32 keeps 6e-8 of them a step.
  expect(apart(w.tolist(), wanted)).toBeLessThan(2e-6);
  w.grad = null;
  optimizer.dispose();
  w.dispose();
});

describe('an optimizer', () => {
  test('leaves a parameter without a gradient as it is', () => {
    const run = begin(OPTIMISERS.AdamW!);
    const before = run.weight.tolist();
    run.optimizer.step();
    expect(run.weight.tolist()).toEqual(before);
    run.end();
  });
  test('refuses a parameter twice, and a state of other parameters', () => {
    torch.scope(() => {
      const w = torch.ones([2]);
      const twice = () =>
        new torch.optim.SGD(
          [
            {
              parameters: [
                ['w', w],
                ['w', w],
              ],
            },
          ],
          { lr: 1 },
        );
      expect(twice).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
      const optimizer = new torch.optim.SGD([{ parameters: [['w', w]] }], { lr: 1 });
      const other = () => optimizer.loadStateDict({ 'v.momentum_buffer': torch.ones([2]) });
      expect(other).toThrow(expect.objectContaining({ code: 'STATE_DICT' }));
    });
  });
  test('decayGroups keeps decay from norms and biases', () => {
    const layers = new torch.nn.Sequential([new torch.nn.Linear(2, 3), new torch.nn.BatchNorm1d(3)]);
    const groups = torch.optim.decayGroups(layers.namedParameters(), 0.5);
    expect(
      groups.map(({ parameters, weightDecay, adapt }) => [parameters.map(([name]) => name), weightDecay, adapt]),
    ).toEqual([
      [['0.weight'], 0.5, undefined],
      [['0.bias', '1.weight', '1.bias'], 0, false],
    ]);
    layers.dispose();
  });
});

test('the schedule warms up in a line and falls in half a cosine, by its definition', () => {
  const schedule = torch.optim.cosineWithWarmup({ base: 0.4, warmupSteps: 10, totalSteps: 110, final: 0.01 });
  expect([0, 4, 9].map(schedule)).toEqual([0.4 / 10, (0.4 * 5) / 10, 0.4]); // step 0 already moves; the last of warm-up is the base
  expect(schedule(10)).toBe(0.4);
  expect(schedule(60)).toBeCloseTo((0.4 + 0.01) / 2, 12); // half way
  expect(schedule(35)).toBeCloseTo(0.01 + 0.39 * (0.5 + Math.SQRT1_2 / 2), 12); // a quarter: cos(pi / 4)
  expect([110, 1000].map(schedule)).toEqual([0.01, 0.01]); // the end, and nothing after it
  const without = torch.optim.cosineWithWarmup({ base: 1, warmupSteps: 0, totalSteps: 4 });
  expect([0, 1, 2, 3].map((step) => Math.round(without(step) * 1e6) / 1e6)).toEqual([1, 0.853553, 0.5, 0.146447]);
});

test('gradients of 1x1 convolutions are used where they lie, whatever stride a side of one number is said to have', () => {
  const layer = new torch.nn.Conv2d(8, 4, 1, { bias: false }).to({ memoryFormat: 'channels_last' });
  const sgd = new torch.optim.SGD(layer.namedParameters(), { lr: 0.5 });
  using before = torch.scope(() => layer.weight.detach().clone());
  torch.scope(() => {
    layer
      .forward(torch.ones([2, 8, 3, 3]))
      .sum()
      .backward();
    expect(layer.weight.stride()).not.toEqual(layer.weight.grad!.stride());
  });
  const calls = torch.profile(() => sgd.step()).map(({ name }) => name);
  expect(calls).toContain('aten::_fused_sgd_');
  expect(calls).not.toContain('aten::copy_');
  expect(torch.scope(() => distance(layer.weight.detach(), before.sub(0.5 * 2 * 9)))).toBeLessThan(1e-6);
  layer.dispose();
});
