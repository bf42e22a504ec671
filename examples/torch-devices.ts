/** @file Devices, half precision and memory formats. In packages/torch/README.md, and run by its test. */
import * as torch from '@twoview/torch';

await torch.load();
const device = torch.buildInfo().cuda ? 'cuda' : 'cpu';
const conv = new torch.nn.Conv2d(3, 8, 3).to({ device, memoryFormat: 'channels_last' });
torch.scope(() => {
  const images = torch.rand([4, 3, 32, 32], { device }).contiguous({ memoryFormat: 'channels_last' });
  const maps = torch.autocast({ device, dtype: 'bfloat16' }, () => conv.forward(images));
  console.log(maps.shape.join(' x '), maps.dtype); // 4 x 8 x 30 x 30 bfloat16
});
