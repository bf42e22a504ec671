/** @file Kernels that trust what they are given, libtorch's and our own: what does not fit is refused before they see it. */
import { describe, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { freeEverything } from './leaks.js';

freeEverything();

const refused = (code: string) => expect.objectContaining({ name: 'TorchError', code });

const PLAIN_SGD = {
  ...{ weightDecay: 0, momentum: 0, lr: 1, dampening: 0 },
  ...{ nesterov: false, maximize: false, isFirstStep: false },
};

describe('kernels that trust their lists', () => {
  const leaf = () => torch.ones([1], { requiresGrad: true });
  const one = () => torch.ones([1]);
  test.each<[string, () => unknown]>([
    ['too few scalars', () => torch.ops._foreachAddcmul_([one(), one()], [leaf(), leaf()], [one(), one()], [])],
    ['too few scalars, divided', () => torch.ops._foreachAddcdiv_([one()], [leaf()], [one()], [])],
    ['too few tensors', () => torch.ops._foreachAdd([leaf(), leaf()], [one()])],
    ['too few tensors, in place', () => torch.ops._foreachLerp_([one(), one()], [leaf()], 0.5)],
    ['lists in options', () => torch.op('aten::_foreach_mul_.ScalarList', [one(), one()], [1])],
  ])('%s', (_, call) => expect(() => torch.scope(call)).toThrow(/the lists must have the same length/));

  const adam = (...lists: torch.Tensor[][]) => {
    const [p, g, mean, square, steps] = lists as [
      torch.Tensor[],
      torch.Tensor[],
      torch.Tensor[],
      torch.Tensor[],
      torch.Tensor[],
    ];
    const settings = { lr: 0.1, beta1: 0.9, beta2: 0.99, weightDecay: 0, eps: 1e-8, amsgrad: false, maximize: false };
    return torch.ops._fusedAdam_(p, g, mean, square, [], steps, settings);
  };
  const x = (n = 64) => [torch.ones([n])];
  test.each<[string, () => unknown]>([
    ['a gradient that is smaller', () => adam(x(), x(1), x(), x(), [torch.zeros([])])],
    ['a state that is smaller', () => adam(x(), x(), x(1), x(), [torch.zeros([])])],
    [
      'a state of another dtype',
      () => adam(x(), x(), x(), [torch.ones([64], { dtype: 'float64' })], [torch.zeros([])]),
    ],
    ['no steps', () => adam(x(), x(), x(), x(), [])],
    ['a step of another dtype', () => adam(x(), x(), x(), x(), [torch.zeros([], { dtype: 'int64' })])],
    ['fewer gradients', () => adam([...x(), ...x()], x(), x(), x(), [torch.zeros([])])],
    ['no buffers', () => torch.ops._fusedSgd_(x(), x(2), [], PLAIN_SGD)],
  ])('%s', (_, call) => expect(() => torch.scope(call)).toThrow(refused('OPERATOR')));

  test('a gradient that lies otherwise than its parameter moves the right weights', () => {
    torch.scope(() => {
      const weight = torch.zeros([2, 3]);
      const gradient = torch.arange(6, { dtype: 'float32' }).view(3, 2).t();
      torch.ops._fusedSgd_([weight], [gradient], [], PLAIN_SGD);
      expect(weight.toArray()).toEqual(
        [
          [0, -2, -4],
          [-1, -3, -5],
        ].map((row) => row.map((v) => v + 0)),
      );
    });
  });

  test.each<[string, () => unknown]>([
    ['an offset that overflows', () => torch.op('aten::as_strided_', torch.ones([3, 2]), [], [], 2n ** 63n - 1n)],
    ['a padding that overflows', () => torch.ones([2, 1, 3, 3]).replicationPad2d([2n ** 63n - 1n] as never)],
    ['a step that is zero as an integer', () => torch.op('aten::arange.start_step', 2n ** 53n, 5, -0.5, 'int64')],
    ['an observer that libtorch keeps for itself', () => torch.op('aten::_fused_moving_avg_obs_fq_helper_functional')],
  ])('%s', (_, call) => expect(() => torch.scope(call)).toThrow(torch.TorchError));
});

describe('batch norm with other numbers of channels', () => {
  const rows = (...shape: number[]) => torch.ones(shape).contiguous({ memoryFormat: 'channels_last' });
  test.each([
    [1, 8],
    [4, 8],
    [64, 2],
    [16, 8],
  ])('%d channels, a norm of %d', (channels, features) => {
    for (const training of [true, false]) {
      const norm = new torch.nn.BatchNorm2d(features).train(training);
      for (const dtype of ['float32', 'bfloat16'] as const) {
        const call = () => torch.scope(() => torch.noGrad(() => norm.forward(rows(1, channels, 3, 3).to(dtype))));
        expect(call).toThrow(`should contain ${channels} elements not ${features}`);
      }
      norm.tracking = false;
      expect(() => torch.scope(() => norm.forward(rows(1, channels, 3, 3)))).toThrow(refused('OPERATOR'));
      norm.dispose();
    }
  });
  test('a sign that stands beside the numbers is read', () => {
    const norm = new torch.nn.BatchNorm2d(1).eval();
    torch.scope(() => {
      const x = torch.imag(torch.complex(torch.zeros([1, 1, 1, 1]), torch.full([1, 1, 1, 1], 3.5)).conj());
      expect(torch.noGrad(() => norm.forward(x)).item()).toBeCloseTo(-3.5, 4);
    });
    norm.dispose();
  });
});
