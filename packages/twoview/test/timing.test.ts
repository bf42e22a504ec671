/** @file Timings that choices are made by, and the step that speeds are held against. */

import * as torch from '@twoview/torch';
import { beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../src/config/parse.js';
import { pretrainSchema } from '../src/config/pretrain.js';
import { byRatio, choosePrecision, compute } from '../src/models/compute.js';
import { createModel } from '../src/models/create-model.js';
import { leastSeconds } from '../src/models/timing.js';
import { Owned } from '../src/runs/owned.js';
import { bareOptimizer, bareStep } from '../src/ssl/bare-step.js';
import { initialNetworks } from '../src/ssl/networks.js';

beforeAll(() => torch.load({ threads: 1 }));

test('bodies take turns, the first turn does not count, and their tensors are freed', () => {
  const order: string[] = [];
  const wait = (milliseconds: number) => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
  };
  const before = torch.liveTensors();
  const least = leastSeconds(
    {
      slow: () => {
        order.push('slow');
        wait(order.length === 1 ? 0 : 20); // the first, at once, is none of them
        return torch.ones([3]);
      },
      quick: () => {
        order.push('quick');
        wait(2);
      },
    },
    { repeats: 2, device: 'cpu' },
  );
  expect(order).toEqual(['slow', 'quick', 'slow', 'quick', 'slow', 'quick']);
  expect(least.slow).toBeGreaterThanOrEqual(0.02);
  expect(least.quick).toBeGreaterThanOrEqual(0.002);
  expect(least.quick).toBeLessThan(least.slow);
  expect(torch.liveTensors()).toBe(before);
});

test('the precision is chosen without a trace on the network', () => {
  const model = createModel('resnet10_narrow', { numClasses: 0, stem: 'cifar' });
  const state = () => Object.entries(model.stateDict()).map(([key, tensor]) => [key, tensor.flatten().tolist()]);
  const before = torch.scope(state);
  const live = torch.liveTensors();
  expect(choosePrecision(model, 16, 'cpu').reason).toMatch(
    /^\d+\.\dx the speed of float32, measured here$|^bfloat16 has \d\.\d\dx its speed here; it is taken from 1\.15x on$/,
  );
  expect(torch.liveTensors()).toBe(live);
  expect(torch.scope(state)).toEqual(before);
  expect(model.parameters().every(({ grad }) => grad === null)).toBe(true);
  model.dispose();
});

test('the precision is measured on one thread, and all are there again afterwards', () => {
  const model = createModel('resnet10_narrow', { numClasses: 0, stem: 'cifar' });
  const seen = new Set<number>();
  const forward = model.forward.bind(model);
  model.forward = (x) => {
    seen.add(torch.getNumThreads());
    return forward(x);
  };
  torch.setNumThreads(2);
  try {
    choosePrecision(model, 16, 'cpu');
    expect([[...seen], torch.getNumThreads()]).toEqual([[1], 2]);
  } finally {
    torch.setNumThreads(1);
    model.dispose();
  }
});

test.each([
  [[1.3, 1.2], 'bfloat16', '1.2x', 2],
  [[1.14, 1.02], 'float32', '1.02x', 2],
  [[1.3, 1.1, 1.16], 'bfloat16', '1.2x', 3],
  [[1.1, 3, 0.9], 'float32', '1.10x', 3],
])('of the ratios %j precision is %s: by a margin, and two of two or of three', (ratios, precision, said, asked) => {
  let i = 0;
  const chosen = byRatio(() => ratios[i++]!);
  expect([chosen.precision, chosen.reason.includes(said), i]).toEqual([precision, true, asked]);
});

test('the bare step learns: on the same views the loss falls', () => {
  using owned = new Owned();
  const config = parseConfig(pretrainSchema, { model: 'resnet10_narrow', stem: 'cifar', data: '', out: '' });
  const networks = initialNetworks(config, owned, 16);
  const optimizer = owned.add(bareOptimizer(networks));
  torch.manualSeed(3);
  const views = owned.add(torch.rand([16, 3, 16, 16]));
  const losses = Array.from({ length: 12 }, () => bareStep(networks, optimizer, compute('cpu', 'float32'), views));
  expect(losses[0]).toBeGreaterThan(1);
  expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.2);
});
