/**
 * @file A batch of 4,096 images (8,192 views) of ResNet-18 in parts of 128, beside whole batches of 128: what the large one costs in memory
 * and in time for each view. Each is a process of its own, watched from outside.
 */
import { startWith } from './lib/pretraining.mjs';
import { exactly } from './lib/statistics.mjs';
import { secondsPerStep } from './lib/watched.mjs';

const [LARGE, SMALL] = [4096, 128];

export async function* measure({ quick }) {
  const large = quick ? LARGE / 8 : LARGE;
  const start = await startWith('resnet18', 2 * large);
  const small = await start.run({ batch: SMALL, steps: quick ? 4 : 12 });
  const parts = await start.run({ batch: large, microBatch: SMALL, steps: 2 });
  const [a, b] = [secondsPerStep(parts) / (2 * large), secondsPerStep(small) / (2 * SMALL)];
  start.end();
  yield {
    name: `peak memory of batches of ${large} images by \`--micro-batch ${SMALL}\` / of batches of ${SMALL}, ResNet-18`,
    target: { most: 1.3, unit: 'x' },
    value: exactly(parts.peakMemoryMiB / small.peakMemoryMiB),
    detail: `${parts.peakMemoryMiB.toFixed(0)} MiB, ${small.peakMemoryMiB.toFixed(0)} MiB`,
    samples: [parts.peakMemoryMiB, small.peakMemoryMiB],
  };
  yield {
    name: 'the same: time for a view',
    target: { most: 1.4, unit: 'x' },
    value: exactly(a / b),
    detail: `${(1000 * a).toFixed(2)} ms, ${(1000 * b).toFixed(2)} ms`,
    samples: [parts.steps, small.steps],
  };
}
