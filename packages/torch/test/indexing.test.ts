/** @file x.index and x.indexPut_ are x[...] and x[...] = value of Python. */
import { describe, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { freeEverything } from './leaks.js';

freeEverything();

const refused = (code: string) => expect.objectContaining({ name: 'TorchError', code });
/** The values of a tensor, which is freed with all that was made on the way. */
const of = (make: () => torch.Tensor) => torch.scope(() => make().toArray());

describe('x.index is x[...] of Python', () => {
  const x = () => torch.arange(24).view(2, 3, 4);
  test.each<[string, () => torch.Tensor, unknown]>([
    ['x[1, 2]', () => x().index(1, 2), [20, 21, 22, 23]],
    ['x[-1, 0, -1]', () => x().index(-1, 0, -1), 15],
    [
      'x[0, 1:]',
      () => x().index(0, '1:'),
      [
        [4, 5, 6, 7],
        [8, 9, 10, 11],
      ],
    ],
    [
      'x[0, :, ::2]',
      () => x().index(0, ':', '::2'),
      [
        [0, 2],
        [4, 6],
        [8, 10],
      ],
    ],
    [
      'x[..., 0]',
      () => x().index('...', 0),
      [
        [0, 4, 8],
        [12, 16, 20],
      ],
    ],
    ['x[1, ..., -1:]', () => x().index(1, '...', '-1:'), [[15], [19], [23]]],
    ['x[0, None, 0, :2]', () => x().index(0, null, 0, ':2'), [[0, 1]]],
    ['x[0, slice(0, 2), 3]', () => x().index(0, new torch.Slice(0, 2), 3), [3, 7]],
    ['x[0][[2, 0]]', () => x().index(0).index([2, 0]).select(1, 0), [8, 0]],
    ['x[x > 20]', () => x().index(x().gt(20)), [21, 22, 23]],
    [
      'x[:, [0, 2], 1]',
      () => x().index(':', [0, 2], 1),
      [
        [1, 9],
        [13, 21],
      ],
    ],
    ['x[mask, :, 0]', () => x().index(torch.tensor([false, true]), ':', 0), [[12, 16, 20]]],
    ['x[mask2, 0]', () => x().index(torch.eye(2, { dtype: 'bool' }).index(':', [0, 1, 0]), 0), [0, 8, 16]],
    ['x[True].shape', () => torch.tensor(x().index(true).shape as number[]), [1, 2, 3, 4]],
    [
      "libtorch's own form",
      () =>
        x()
          .index([null, torch.tensor([0, 2], { dtype: 'int64' })])
          .select(2, 0),
      [
        [0, 8],
        [12, 20],
      ],
    ],
  ])('%s', (_, make, wanted) => expect(of(make)).toEqual(wanted));

  test('setting', () => {
    torch.scope(() => {
      const y = torch.zeros(2, 3);
      y.indexPut_([0, '1:'], 7);
      y.indexPut_(['...', 0], torch.tensor([1, 2]));
      expect(y.toArray()).toEqual([
        [1, 7, 7],
        [2, 0, 0],
      ]);
      y.indexPut_(y.gt(5), -1);
      y.indexPut_(
        [
          [0, 0],
          [1, 1],
        ],
        torch.tensor([10, 10]),
        { accumulate: true },
      );
      expect(y.toArray()).toEqual([
        [1, 19, -1],
        [2, 0, 0],
      ]);
      const w = torch.ones([2], { requiresGrad: true });
      const z = torch.zeros(2);
      z.indexPut_([0], w.index(1).mul(3));
      z.sum().backward();
      expect(w.grad!.tolist()).toEqual([0, 3]);
    });
  });

  test('what is no index is refused in words', () => {
    const bad =
      (...indices: never[]) =>
      () =>
        torch.scope(() => x().index(...indices));
    for (const call of [
      bad('1:2:0' as never),
      bad('::-1' as never),
      bad('a' as never),
      bad('...' as never, '...' as never),
      bad(0 as never, 0 as never, 0 as never, 0 as never),
      bad({} as never),
      bad([1.5] as never),
    ]) {
      expect(call).toThrow(torch.TorchError);
    }
    expect(bad(9 as never)).toThrow(refused('OPERATOR'));
  });
});
