/** @file When tensors are freed. In packages/torch/README.md, and run by its test. */
import * as torch from '@twoview/torch';

await torch.load();
const before = torch.liveTensors();
const { mean, rows } = torch.scope(() => {
  const x = torch.arange(6, { dtype: 'float32' }).reshape([2, 3]); // freed at the end of the scope
  return { mean: x.mean().item(), rows: [x.select(0, 0)] }; //        numbers and returned tensors go out
});
const weight = torch.scope(() => torch.keep(torch.ones([3]))); //      no scope frees what is kept
console.log(mean, String(rows[0]), torch.liveTensors() - before); //   2.5 tensor([0., 1., 2.]) 2
rows[0]!.dispose(); // or `using row = ...`, which TypeScript disposes at the end of the block
weight.dispose();
console.log(torch.liveTensors() - before); //                          0
