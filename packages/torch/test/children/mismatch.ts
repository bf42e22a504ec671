/** @file Run by distributed.test.ts in each of two processes that bring different tensors to one exchange after the other. */
import * as torch from '../../src/index.js';

const { meetingFrom, ProcessGroup, normaliseTogether } = torch.distributed;
await torch.load({ threads: 1 });
const group = ProcessGroup.join(meetingFrom(process.env)!);
const { rank } = group;

const refusal = (exchange: () => unknown): string => {
  try {
    exchange();
    return 'taken';
  } catch (error) {
    return error instanceof torch.TorchError ? `${error.code} ${error.message}` : String(error);
  }
};
const images = (channels: number) => torch.ones([2, channels, 2, 2]).contiguous({ memoryFormat: 'channels_last' });
const norm = (channels: number) => {
  const layer = new torch.nn.BatchNorm2d(channels);
  normaliseTogether([layer], group);
  return layer.forward(images(channels));
};

const found = {
  shape: refusal(() => group.allReduce_(torch.ones([rank + 2]))),
  dtype: refusal(() => group.broadcast_(torch.ones([2], { dtype: rank === 0 ? 'float32' : 'float64' }))),
  exchange: refusal(() => (rank === 0 ? group.allReduce_(torch.ones([2])) : group.broadcast_(torch.ones([2])))),
  channels: refusal(() => norm(rank === 0 ? 16 : 8)),
  after: group.allReduce_(torch.ones([2])).tolist(), // nothing is left behind of what was refused
};
console.log(JSON.stringify(found));
group[Symbol.dispose]();
