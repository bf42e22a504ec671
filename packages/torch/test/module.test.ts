import { expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { freeEverything } from './leaks.js';

freeEverything();

const network = () =>
  new torch.nn.Sequential({
    fc: new torch.nn.Linear(2, 3),
    norm: new torch.nn.BatchNorm1d(3),
    conv: new torch.nn.Conv2d(1, 1, 3),
  });

test("the keys are PyTorch's, parameters and buffers of each part together", () => {
  const net = network();
  expect(Object.keys(net.stateDict())).toEqual([
    'fc.weight',
    'fc.bias',
    'norm.weight',
    'norm.bias',
    'norm.running_mean',
    'norm.running_var',
    'norm.num_batches_tracked',
    'conv.weight',
    'conv.bias',
  ]);
  net.dispose();
});

test('strict loading names every missing, unexpected and mis-shaped key, and copies nothing', () => {
  const net = network();
  const before = net.stateDict()['fc.bias']!.tolist();
  torch.scope(() => {
    const { 'norm.weight': _, 'conv.bias': __, ...state } = net.stateDict();
    const wrong = {
      ...state,
      'fc.bias': torch.ones([3]),
      'fc.weight': torch.ones([3, 5]),
      extra: torch.ones([1]),
      more: torch.ones([1]),
    };
    expect(() => net.loadStateDict(wrong)).toThrow(
      [
        'these weights do not fit this module',
        '  missing (2): norm.weight, conv.bias',
        '  unexpected (2): extra, more',
        '  other shape (1): fc.weight: [3, 2] here, [3, 5] there',
        '  next   load weights of the same network, or pass { strict: false } to take what fits',
        '  code   STATE_DICT',
      ].join('\n'),
    );
    expect(net.stateDict()['fc.bias']!.tolist()).toEqual(before);
    expect(net.loadStateDict(wrong, { strict: false })).toEqual({
      missing: ['norm.weight', 'conv.bias'],
      unexpected: ['extra', 'more'],
      misshaped: ['fc.weight: [3, 2] here, [3, 5] there'],
    });
    expect(net.stateDict()['fc.bias']!.tolist()).toEqual([1, 1, 1]);
  });
  net.dispose();
});

test('loading casts to the module, and leaves the parameters trainable leaves', () => {
  const net = new torch.nn.Linear(1, 2);
  torch.scope(() =>
    net.loadStateDict({ weight: torch.ones([2, 1], { dtype: 'float64' }), bias: torch.zeros([2], { dtype: 'int64' }) }),
  );
  expect([net.weight.dtype, net.weight.tolist(), net.weight.requiresGrad, net.weight.isLeaf]).toEqual([
    'float32',
    [1, 1],
    true,
    true,
  ]);
  net.dispose();
});

test('to converts in place: floats take the dtype, four dimensions the memory format, integers stay', () => {
  const net = network().to({ dtype: 'bfloat16', memoryFormat: 'channels_last' });
  const state = net.stateDict();
  expect(state['conv.weight']!.isContiguous({ memoryFormat: 'channels_last' })).toBe(true);
  expect(state['norm.running_mean']!.dtype).toBe('bfloat16');
  expect(state['norm.num_batches_tracked']!.dtype).toBe('int64');
  expect(state['fc.weight']!.requiresGrad).toBe(true);
  net.dispose();
});

test('train and eval reach every part', () => {
  const net = network();
  net.eval();
  expect([...net.modules()].map((module) => module.training)).toEqual([false, false, false, false]);
  net.train();
  expect([...net.modules()].every((module) => module.training)).toBe(true);
  net.dispose();
});

test('a module made inside a scope outlives it', () => {
  const net = torch.scope(() => network());
  expect(net.parameters().every((parameter) => !parameter.disposed)).toBe(true);
  net.dispose();
  expect(net.parameters().every((parameter) => parameter.disposed)).toBe(true);
});
