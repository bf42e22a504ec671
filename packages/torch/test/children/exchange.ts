/** @file Run by distributed.test.ts in each of two processes: every collective, with what must come out beside it. */
import * as torch from '../../src/index.js';

const { meetingFrom, ProcessGroup, Reducer, normaliseTogether } = torch.distributed;
await torch.load({ threads: 1 });
const meeting = meetingFrom(process.env)!;
const group = ProcessGroup.join(meeting);
const { rank, size } = group;

const own = () => torch.full([2], rank + 1, { dtype: 'float32' });
const gathered = own().reshape([1, 2]);
gathered.requiresGrad = true;
const all = group.allGather(gathered); // [[1, 1], [2, 2]]
all
  .mul(torch.arange(4).reshape([2, 2]))
  .sum()
  .mul(rank + 1)
  .backward();

const weight = torch.ones([3]);
weight.requiresGrad = true;
const reducer = new Reducer([weight], group);
const averaged = [0, 1, 2].map(() => {
  weight.grad = null;
  reducer.during(() =>
    weight
      .mul(rank + 1)
      .sum()
      .backward(),
  );
  return weight.grad!.tolist();
});

/** What comes after it, and whether something is added in between. */
interface Follow {
  activation?: 'none' | 'relu' | 'silu';
  added?: boolean;
}

/** The largest distances of output, gradient and running statistics from those of one batch norm over all rows. */
function batchNorm(shape: number[], dtype: torch.DType, { activation = 'none', added = false }: Follow = {}): number[] {
  const normal = (seed: number, mean: number) =>
    torch
      .randn(shape, { generator: new torch.Generator(seed) })
      .add(mean)
      .to(dtype)
      .contiguous({ memoryFormat: 'channels_last' });
  const rows = shape[0]! / size;
  const part = (x: torch.Tensor) => x.narrow(0, rank * rows, rows).contiguous({ memoryFormat: 'channels_last' });
  const forward = (
    norm: torch.nn.BatchNorm,
    [x, upstream, plus]: readonly [torch.Tensor, torch.Tensor, torch.Tensor],
  ) => {
    if (dtype === 'float64') norm.to({ dtype });
    const input = x.detach().clone();
    input.requiresGrad = true;
    const y = norm.forward(input, { activation, plus: added ? plus : null });
    y.backward(upstream);
    return { y, gradient: input.grad!, norm };
  };
  const together = new torch.nn.BatchNorm2d(shape[1]!);
  normaliseTogether([together], group);
  const all = [normal(1, 5), normal(2, 0), normal(3, 0)] as const;
  const whole = forward(new torch.nn.BatchNorm2d(shape[1]!), all);
  const mine = forward(together, [part(all[0]), part(all[1]), part(all[2])]);
  const apart = (a: torch.Tensor, b: torch.Tensor) => a.to('float64').sub(b.to('float64')).abs().max().item();
  return [
    apart(mine.y, part(whole.y.detach())),
    apart(mine.gradient, part(whole.gradient)),
    apart(mine.norm.runningMean, whole.norm.runningMean),
    apart(mine.norm.runningVar, whole.norm.runningVar),
    apart(group.allReduce_(mine.norm.weight!.grad!.clone()), whole.norm.weight!.grad!) / shape[0]!,
  ];
}

const result = {
  sum: group.allReduce_(own()).tolist(),
  mean: group.allReduce_(own(), 'mean').tolist(),
  max: group.allReduce_(own(), 'max').tolist(),
  broadcast: group.broadcast_(own(), 1).tolist(),
  gathered: all.tolist(),
  gradient: gathered.grad!.tolist(),
  averaged,
  float64: batchNorm([8, 5, 4, 4], 'float64'),
  float32: batchNorm([8, 5, 4, 4], 'float32'),
  bfloat16: batchNorm([8, 16, 4, 4], 'bfloat16'),
  relu: batchNorm([8, 16, 4, 4], 'float32', { activation: 'relu' }),
  'a sum and relu': batchNorm([8, 16, 4, 4], 'float32', { activation: 'relu', added: true }),
  silu: batchNorm([8, 16, 4, 4], 'float32', { activation: 'silu' }),
};
group.barrier();
console.log(JSON.stringify(result));
