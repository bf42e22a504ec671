/**
 * @file 500 of 50,000 images chosen by their representations: how long each method takes, and how much memory MaxHerding takes beside the
 * representations themselves. Made up as groups within groups, behind a ReLU, since the choice takes longer the more images are alike.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import * as torch from '../packages/torch/dist/src/index.js';
import { kMedoids } from '../packages/twoview/dist/src/select/k-medoids.js';
import { maxHerding } from '../packages/twoview/dist/src/select/max-herding.js';
import { typiclust } from '../packages/twoview/dist/src/select/typiclust.js';
import { exactly } from './lib/statistics.mjs';

const THREADS = 2;
const [IMAGES, SIZE, BUDGET] = [50_000, 512, 500];
const METHODS = [
  ['MaxHerding', maxHerding],
  ['TypiClust', typiclust],
  ['k-medoids', kMedoids],
];

export async function* measure({ quick }) {
  await torch.load({ threads: THREADS });
  const images = quick ? IMAGES / 10 : IMAGES;
  const features = representations(images);
  torch.trimMemory();
  for (const [name, method] of METHODS) {
    const before = resident('VmRSS');
    forgetPeak();
    const start = performance.now();
    await method(features, { budget: BUDGET, seed: 0 });
    const seconds = (performance.now() - start) / 1000;
    yield {
      name: `${name}, ${BUDGET} of ${images} images, d = ${SIZE}`,
      target: { most: 60, unit: ' s' },
      value: exactly(seconds),
      detail: `${(resident('VmHWM') - before).toFixed(0)} MiB beside the representations`,
      samples: [seconds],
    };
  }
  features.dispose();
}

function representations(count) {
  return torch.scope(() => {
    const generator = new torch.Generator(0);
    const among = (groups, deviation) => {
      const middles = torch.randn([groups, SIZE], { generator }).mul_(deviation);
      return middles.indexSelect(0, torch.randint(0, groups, [count], { generator, dtype: 'int64' }));
    };
    const own = torch.randn([count, SIZE], { generator }).mul_(0.7);
    return own.add_(among(10, 1)).add_(among(200, 0.7)).relu_();
  });
}

/** MiB of this process; NaN where there is no /proc. */
function resident(what) {
  if (process.platform !== 'linux') return Number.NaN;
  return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
}

/** The peak is counted anew from here. */
function forgetPeak() {
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5');
}
