/**
 * @file A worker thread that trains: it loads libtorch for itself, reports its loss, and goes on for as many steps as it was
 * told, or until it is ended. What it does with a tensor of another thread it reports as well.
 */
import { parentPort, workerData } from 'node:worker_threads';
import * as torch from '../../src/index.js';

const { seed, steps, foreign } = workerData as { seed: number; steps: number; foreign?: unknown };
await torch.load({ threads: 1 });

function refusal(call: () => unknown): string {
  try {
    call();
    return 'accepted';
  } catch (error) {
    return error instanceof torch.TorchError ? error.code : String(error);
  }
}

const live = torch.liveTensors();
const generator = new torch.Generator(seed);
const net = new torch.nn.Linear(8, 1, { generator });
const optimizer = new torch.optim.SGD([{ parameters: [...net.namedParameters()] }], { lr: 0.05, momentum: 0.9 });
const x = torch.randn([32, 8], { generator });
let loss = Number.NaN;
// A mode of this thread alone: the main thread records on.
torch.noGrad(() => torch.enableGrad(() => {}));
for (let i = 0; i < steps; i++) {
  loss = torch.scope(() => {
    const error = net
      .forward(x)
      .sub(x.sum([1], { keepdim: true }))
      .square()
      .mean();
    optimizer.zeroGrad();
    error.backward();
    optimizer.step();
    return error.item();
  });
  if (i === 0) parentPort!.postMessage('stepping');
}
optimizer.zeroGrad();
optimizer.dispose();
net.dispose();
x.dispose();
const borrowed =
  foreign === undefined
    ? null
    : [
        refusal(() => torch.op('aten::relu', foreign)),
        refusal(() => torch.Tensor.prototype.relu.call(foreign as torch.Tensor)),
      ];
parentPort!.postMessage({ loss, leaked: torch.liveTensors() - live, borrowed });
