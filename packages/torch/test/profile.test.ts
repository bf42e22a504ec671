/** @file Profiles count what ran: calls, shapes, floating-point operations, bytes; and an operator's time is its own. */
import { beforeAll, expect, test } from 'vitest';
import * as torch from '../src/index.js';

beforeAll(() => torch.load({ threads: 1 }));

const rowOf = (rows: torch.OperatorTime[], name: string) => rows.find((row) => row.name === name)!;

test('products: two operations for each multiply-add, each tensor’s bytes once', () => {
  const [a, b] = [torch.ones([3, 5]), torch.ones([5, 7])];
  const rows = torch.profile(() => {
    for (let i = 0; i < 4; i++) torch.scope(() => void a.mm(b));
  });
  const { calls, flops, bytes, inputs, outputs, dtype } = rowOf(rows, 'aten::mm');
  expect({ calls, flops, bytes, dtype }).toEqual({
    calls: 4,
    flops: 2 * 3 * 5 * 7,
    bytes: 4 * (15 + 35 + 21),
    dtype: 'Float',
  });
  expect([inputs, outputs]).toEqual([[[3, 5], [5, 7]], [[3, 7]]]); // biome-ignore format: shapes
});

test('convolutions: the forward pass, and one as much for each gradient that is asked for', () => {
  const x = torch.randn([2, 6, 8, 8]);
  x.requiresGrad = true;
  const layer = new torch.nn.Conv2d(6, 4, 3, { padding: 1, groups: 2, bias: false });
  const rows = torch.profile(() => layer.forward(x).sum().backward());
  const forward = 2 * (2 * 4 * 8 * 8) * (3 * 9); // outputs, and the inputs that each one sees in its group
  expect(rows.flatMap(({ flops }) => flops ?? [])).toEqual(expect.arrayContaining([forward, 2 * forward]));
});

test('an operator’s time is without that of the operators inside', () => {
  const x = torch.randn([400, 400]);
  const start = performance.now();
  const rows = torch.profile(() => torch.scope(() => void torch.ops.linear(x, x, null)));
  const wall = (performance.now() - start) / 1000;
  const sum = rows.reduce((all, { seconds }) => all + seconds, 0);
  expect(rows.length).toBeGreaterThan(2); // linear, and what it is made of
  expect(sum).toBeLessThanOrEqual(wall); // counted twice it would be more
});

test('what throws ends the profile, and the next one begins anew', () => {
  expect(() => torch.profile(() => torch.ones([2, 3]).mm(torch.ones([2, 3])))).toThrow('cannot be multiplied');
  expect(torch.profile(() => {})).toEqual([]);
});
