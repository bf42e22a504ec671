import { beforeAll, expect, test } from 'vitest';
import * as torch from '../src/index.js';

const BLOCK = 8 << 20;

beforeAll(() => torch.load({ threads: 1 }));

test('without gradients, what lies between layers is freed as soon as the next has used it', () => {
  const live: number[] = [];
  const layer = (x: torch.Tensor) => {
    live.push(torch.liveTensors());
    return x.add(1).mul(2);
  };
  torch.scope(() => {
    const y = torch.noGrad(() => torch.nn.inTurn(torch.zeros([2]), Array(6).fill(layer)));
    expect(y.tolist()).toEqual([126, 126]);
  });
  // The first layer sees the input alone; each later one sees that and what came just before.
  expect(live.map((count) => count - live[0]!)).toEqual([0, 1, 1, 1, 1, 1]);
});

test('a layer may return what it was given', () => {
  const x = torch.ones([2]);
  const same = (value: torch.Tensor) => value;
  const y = torch.nn.inTurn(x, [same, (value) => value.add(1), same, same]);
  expect([x.tolist(), y.tolist()]).toEqual([
    [1, 1],
    [2, 2],
  ]);
  for (const tensor of [x, y]) tensor.dispose();
});

// Where libtorch's own allocator is at work, half of what was freed cannot be used again here.
test.runIf(process.platform === 'linux')('the place of a tensor takes another of the same size', () => {
  const block = () => torch.ones([BLOCK], { dtype: 'uint8' });
  const blocks = Array.from({ length: 32 }, block);
  for (const at of blocks.keys()) if (at % 2 === 0) blocks[at]!.dispose();
  const before = process.memoryUsage.rss();
  const others = Array.from({ length: 16 }, block);
  expect((process.memoryUsage.rss() - before) / BLOCK).toBeLessThan(2);
  for (const tensor of [...blocks, ...others]) tensor.dispose();
});
