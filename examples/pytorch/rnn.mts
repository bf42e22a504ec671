/** @file Recurrent networks by libtorch's own operators, and by the layers of nn. */
import * as torch from '@twoview/torch';

await torch.load();
// torch.nn.LSTM(10, 20, 2, batch_first=True)
const H = 20,
  I = 10;
const p: torch.Tensor[] = [];
for (let l = 0; l < 2; l++)
  p.push(torch.randn([4 * H, l === 0 ? I : H]), torch.randn([4 * H, H]), torch.zeros([4 * H]), torch.zeros([4 * H]));
const x = torch.randn([3, 5, I]);
const h0 = torch.zeros([2, 3, H]),
  c0 = torch.zeros([2, 3, H]);
const [out, hn, cn] = torch.ops.lstm(x, [h0, c0], p, true, 2, 0, false, false, true);
console.log(out.shape, hn.shape, cn.shape);
const g = torch.ops.gruCell(torch.randn([3, I]), torch.randn([3, H]), torch.randn([3 * H, I]), torch.randn([3 * H, H]));
console.log(g.shape);
console.log(torch.ops.einsum('bij,bjk->bik', [torch.randn([2, 3, 4]), torch.randn([2, 4, 5])]).shape);

// The same as a layer, trained to give back what it saw a step ago.
const lstm = new torch.nn.LSTM(2, 16, { batchFirst: true });
const head = new torch.nn.Linear(16, 2);
const optimizer = new torch.optim.Adam([...lstm.parameters(), ...head.parameters()], { lr: 0.02 });
const series = torch.randint(0, 2, [16, 12, 2]).float();
const target = series.roll(1, 1);
for (let step = 0; step <= 60; step++) {
  const loss = torch.scope(() => {
    const [out] = lstm.forward(series);
    const error = torch.nn.functional.binaryCrossEntropyWithLogits(head.forward(out).slice(1, 1), target.slice(1, 1));
    optimizer.zeroGrad();
    error.backward();
    torch.nn.clipGradNorm_(lstm.parameters(), 1);
    optimizer.step();
    return error.item();
  });
  if (step % 60 === 0) console.log(`step ${step}  loss ${loss.toFixed(3)}`);
}
