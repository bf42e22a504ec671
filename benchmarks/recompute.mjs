/**
 * @file Activations computed twice instead of kept (`--recompute`): ResNet-50 on 16 images (32 views) of 96 pixels with the CIFAR
 * stem, what it saves in memory and costs in time. Each is a process of its own, watched from outside.
 */
import { startWith } from './lib/pretraining.mjs';
import { exactly } from './lib/statistics.mjs';
import { secondsPerStep } from './lib/watched.mjs';

const [BATCH, LARGER] = [16, 3];
const PIXELS = 32 * LARGER;

export async function* measure({ quick }) {
  const steps = quick ? 3 : 5;
  const start = await startWith('resnet50', steps * BATCH, LARGER);
  const options = { batch: BATCH, steps };
  const twice = await start.run({ ...options, recompute: true });
  const keeping = await start.run(options);
  start.end();
  const memory = [twice, keeping].map(({ peakMemoryMiB }) => peakMemoryMiB);
  const times = [twice, keeping].map((run) => secondsPerStep(run));
  yield {
    name: `peak memory with \`--recompute\` / without, ResNet-50, ${2 * BATCH} views of ${PIXELS} pixels`,
    target: { most: 0.5, unit: 'x' },
    value: exactly(memory[0] / memory[1]),
    detail: memory.map((mib) => `${mib.toFixed(0)} MiB`).join(', '),
    samples: memory,
  };
  yield {
    name: 'the same: time for a step',
    target: { most: 1.4, unit: 'x' },
    value: exactly(times[0] / times[1]),
    detail: times.map((time) => `${time.toFixed(1)} s`).join(', '),
    samples: [twice.steps, keeping.steps],
  };
}
