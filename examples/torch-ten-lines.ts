/** @file Trains a small network on a function that no line can follow. In packages/torch/README.md, and run by its test. */
import * as torch from '@twoview/torch';

await torch.load();
const net = new torch.nn.Sequential([new torch.nn.Linear(2, 32), new torch.nn.ReLU(), new torch.nn.Linear(32, 1)]);
const optimizer = new torch.optim.AdamW(net.parameters(), { lr: 0.01 });
const x = torch.rand([512, 2]);
const y = torch.scope(() => x.select(1, 0).sub(x.select(1, 1)).abs().unsqueeze(1));
for (let step = 0; step <= 200; step++) {
  const loss = torch.scope(() => {
    const error = net.forward(x).sub(y).square().mean();
    optimizer.zeroGrad();
    error.backward();
    optimizer.step();
    return error.item();
  });
  if (step % 100 === 0) console.log(`step ${step}  loss ${loss.toFixed(5)}`);
}
