/** @file A SimCLR training step of ResNet-18 (CIFAR stem, 128 views, channels-last), here and in Python torch. */
import * as torch from '../packages/torch/dist/src/index.js';
import { peer } from './lib/peer.mjs';
import { stepOn } from './lib/simclr-step.mjs';
import { inTurns, seconds } from './lib/statistics.mjs';

const THREADS = 2;
const VIEWS = 128;

export async function* measure({ quick }) {
  await torch.load({ threads: THREADS, flushDenormal: true });
  const python = await peer('train_step', { threads: THREADS, views: VIEWS });
  const views = torch.randn([VIEWS, 3, 32, 32]).contiguous({ memoryFormat: 'channels_last' });
  const step = stepOn(views);
  for (const precision of ['bfloat16', 'float32']) {
    const found = await inTurns(
      quick ? 3 : 15,
      () => seconds(() => step(precision)),
      () => python.ask({ precision, steps: 1 }),
    );
    yield {
      name: `ResNet-18 train step, ${VIEWS} views, channels-last, ${precision === 'bfloat16' ? 'bf16 autocast' : precision} / Python torch`,
      target: { most: 1.05, unit: 'x' },
      value: found.ratio,
      detail: `${(1000 * found.ours).toFixed(0)} ms, Python ${(1000 * found.theirs).toFixed(0)} ms`,
      samples: found.pairs,
    };
  }
  python.end();
}
