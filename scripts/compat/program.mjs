/**
 * @file What `npm run compat` runs under each runtime and each libtorch: the addon is loaded, and numbers are compared with those
 * worked out by hand. Prints a line of JSON for each step that is done, so that the first one missing is the one that failed.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import * as torch from '../../packages/torch/dist/src/index.js';

const done = (step, more = {}) => console.log(JSON.stringify({ step, ...more }));

await torch.load({ threads: 1 });
done('load', { libtorch: torch.buildInfo().version });

const a = torch.tensor([1, 2, 3, 4]).reshape([2, 2]);
assert.deepEqual(a.mm(a).tolist(), [7, 10, 15, 22]);
assert.deepEqual(torch.einsum('ij,kj->ik', [a, a]).tolist(), [5, 11, 11, 25]);
assert.deepEqual(a.index(0, '1:').tolist(), [2]);
assert.equal(
  torch
    .tensor([1n, 2n ** 60n])
    .index(1)
    .item(),
  2n ** 60n,
);
assert.throws(() => a.mm(torch.ones([3, 3])), { code: 'OPERATOR' });
done('operators');

const x = torch.tensor([1, 2, 3]);
x.requiresGrad = true;
x.pow(3).sum().backward();
assert.deepEqual(x.grad.tolist(), [3, 12, 27]);
class Double extends torch.autograd.Function {
  static forward(_, y) {
    return y.mul(2);
  }
  static backward(_, gradient) {
    return gradient.mul(2);
  }
}
x.grad = null;
Double.apply(x).sum().backward(); // C++ calls JavaScript here
assert.deepEqual(x.grad.tolist(), [2, 2, 2]);
done('backward');

const net = new torch.nn.Sequential([
  new torch.nn.Conv2d(3, 4, 3, { padding: 1 }),
  new torch.nn.BatchNorm2d(4),
  new torch.nn.ReLU(),
]);
const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.1 });
const images = torch.rand([8, 3, 16, 16]);
const step = () =>
  torch.scope(() => {
    const loss = net.forward(images).sub(1).square().mean();
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss.item();
  });
const before = step();
for (let i = 0; i < 20; i++) step();
assert.ok(step() < before, 'the loss falls');
done('training');

// One process is a group too, and its collectives are the same operators.
const port = await new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
const { ProcessGroup, Reducer } = torch.distributed;
const alone = { rank: 0, size: 1, localRank: 0, host: '127.0.0.1', port, timeout: 30_000, networkInterface: '' };
const group = ProcessGroup.join(alone);
x.grad = null;
const all = group.allGather(x);
all.square().sum().backward();
assert.deepEqual(
  [all.tolist(), x.grad.tolist()],
  [
    [1, 2, 3],
    [2, 4, 6],
  ],
);
assert.deepEqual(group.allReduce_(torch.tensor([4, 6]), 'mean').tolist(), [4, 6]);
x.grad = null;
new Reducer([x], group).during(() => x.square().sum().backward());
assert.deepEqual(x.grad.tolist(), [2, 4, 6]);
done('group');
