/** @file Views a second: gathered, drawn, cropped, coloured and normalised as pre-training does, beside torchvision's pipeline. */
import * as torch from '../packages/torch/dist/src/index.js';
import { applyViews, sampleViews } from '../packages/twoview/dist/src/augment/views.js';
import { pretrainSchema } from '../packages/twoview/dist/src/config/pretrain.js';
import { draws } from '../packages/twoview/dist/src/runs/random.js';
import { configuredViews } from '../packages/twoview/dist/src/ssl/configured-views.js';
import { peer } from './lib/peer.mjs';
import { inTurns, seconds } from './lib/statistics.mjs';

const THREADS = 2;
const BATCH = 256;
const NORMALISATION = { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] };

export async function* measure({ quick }) {
  await torch.load({ threads: THREADS });
  const images = quick ? 2048 : 8192;
  const python = await peer('views', { images, batch: BATCH, threads: 1 });
  const options = configuredViews(pretrainSchema.parse({ data: '-', out: '-' })).standard;
  const set = torch.randint(0, 256, [images, 3, 32, 32], { dtype: 'uint8' });
  const generator = new torch.Generator(0, 'cpu');
  const epoch = () => {
    const order = torch.randperm(images, { generator });
    for (let from = 0; from < images; from += BATCH) {
      torch.scope(() => {
        const batch = set.indexSelect(0, order.narrow(0, from, BATCH));
        applyViews(batch, sampleViews(32, options, draws(0, 'views', from, { count: 2 * BATCH })), NORMALISATION);
      });
    }
  };
  const found = await inTurns(
    quick ? 3 : 11,
    () => seconds(() => torch.scope(epoch)),
    () => python.ask(),
  );
  python.end();
  const rate = (time) => Math.round((2 * images) / time).toLocaleString('en');
  yield {
    name: 'views a second, 32x32, crop, flip, colour jitter and grayscale / torchvision on PIL with two DataLoader workers',
    target: { least: 4, unit: 'x' },
    value: found.inverse,
    detail: `${rate(found.ours)} views/s, torchvision ${rate(found.theirs)}`,
    samples: found.pairs,
  };
}
