/** @file Hooks around `forward`, as torch.nn.Module has them. */
import { beforeAll, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { freeEverything } from './leaks.js';

beforeAll(() => torch.load({ threads: 1 }));
freeEverything();

/** y = x + 1. */
class PlusOne extends torch.nn.Module {
  forward(x: torch.Tensor): torch.Tensor {
    return x.add(1);
  }
}

const through = (net: torch.nn.Module) => torch.scope(() => (net.forward(torch.zeros([2])) as torch.Tensor).tolist());

test('hooks see arguments and results, in the order in which they were added', () => {
  const net = new PlusOne();
  const seen: unknown[] = [];
  net.registerForwardPreHook((module, [x]) => void seen.push('before', module === net, (x as torch.Tensor).tolist()));
  net.registerForwardHook((_, [x], y) => void seen.push((x as torch.Tensor).tolist(), (y as torch.Tensor).tolist()));
  net.registerForwardHook(() => void seen.push('last'));
  expect(through(net)).toEqual([1, 1]);
  expect(seen).toEqual(['before', true, [0, 0], [0, 0], [1, 1], 'last']);
});

test('what hooks return stands in for arguments and result, until they are removed', () => {
  const net = new PlusOne();
  const before = net.registerForwardPreHook((_, [x]) => [(x as torch.Tensor).add(10)]);
  const after = net.registerForwardHook((_, __, y) => (y as torch.Tensor).mul(2));
  expect(through(net)).toEqual([22, 22]);
  after.remove();
  expect(through(net)).toEqual([11, 11]);
  before.remove();
  before.remove(); // once more is nothing
  expect(through(net)).toEqual([1, 1]);
  expect(Object.hasOwn(net, 'forward')).toBe(false);
});

test('the same hook may be added twice, and goes away once by each handle', () => {
  const net = new PlusOne();
  const double = (_: torch.nn.Module, __: unknown[], y: unknown) => (y as torch.Tensor).mul(2);
  const [first] = [net.registerForwardHook(double), net.registerForwardHook(double)];
  expect(through(net)).toEqual([4, 4]);
  first!.remove();
  expect(through(net)).toEqual([2, 2]);
});

test('parts of a network call theirs, and one that throws leaves the network usable', () => {
  const part = new PlusOne();
  const net = new torch.nn.Sequential([part, new PlusOne()]);
  const handle = part.registerForwardHook(() => {
    throw new RangeError('too large');
  });
  expect(() => through(net)).toThrow(RangeError);
  handle.remove();
  expect(through(net)).toEqual([2, 2]);
});
