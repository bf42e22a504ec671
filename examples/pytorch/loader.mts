/** @file A data loader with augmentation in a few lines, and indexing. */
import * as torch from '@twoview/torch';

await torch.load();
// for x, y in DataLoader(TensorDataset(X, Y), batch_size=32, shuffle=True): flip, crop
const X = torch.rand([100, 3, 32, 32]),
  Y = torch.randint(0, 10, [100]);
function* loader(batch: number) {
  const order = torch.randperm(X.shape[0]!);
  for (let i = 0; i < X.shape[0]!; i += batch) {
    const rows = order.slice(0, i, i + batch);
    yield [X.indexSelect(0, rows), Y.indexSelect(0, rows)] as const;
  }
}
let n = 0;
const before = torch.liveTensors();
for (const [x] of loader(32)) {
  n += torch.scope(() => {
    const flip = torch.rand([x.shape[0]!, 1, 1, 1]).lt(0.5);
    const flipped = torch.where(flip, x.flip([3]), x);
    const padded = torch.ops.pad(flipped, [4, 4, 4, 4], 'reflect');
    const dy = Math.floor(Math.random() * 9),
      dx = Math.floor(Math.random() * 9);
    const crop = padded.slice(2, dy, dy + 32).slice(3, dx, dx + 32);
    const norm = crop.sub(torch.tensor([0.5, 0.5, 0.5]).view([1, 3, 1, 1])).div(0.25);
    return norm.shape[0]!;
  });
}
console.log(n, 'left over outside scope:', torch.liveTensors() - before);
// indexing
const a = torch.arange(24).reshape([2, 3, 4]);
console.log(
  a.select(0, 1).shape,
  a.slice(1, 0, null, 2).shape,
  a.index([null, torch.tensor([0, 2], { dtype: 'int64' })]).shape,
  a.maskedSelect(a.gt(20)).tolist(),
);
a.select(0, 0).select(0, 0).fill_(-1);
console.log(String(a.select(0, 0)));
console.log(a.to('float32').std([0, 2]).shape, a.max().item(), a.to('float32').max(1)[0]!.shape, a.argmax().item());
