/** @file Two processes with one thread each, which share the batch, beside one process with two threads: ResNet-18, 64 images. */
import { startWith } from './lib/pretraining.mjs';
import { inTurns } from './lib/statistics.mjs';
import { secondsPerStep } from './lib/watched.mjs';

const BATCH = 64;

export async function* measure({ quick }) {
  const steps = quick ? 4 : 10;
  const start = await startWith('resnet18', steps * BATCH);
  const speed = (run) => (2 * BATCH) / secondsPerStep(run, 2);
  const found = await inTurns(
    quick ? 1 : 5,
    async () => speed(await start.run({ batch: BATCH, steps, processes: 2 })),
    async () => speed(await start.run({ batch: BATCH, steps })),
  );
  start.end();
  yield {
    name: 'views a second of two processes with one thread each / of one process with two threads, ResNet-18',
    target: { least: 0.9, unit: 'x' },
    value: found.ratio,
    detail: `${found.ours.toFixed(1)} views/s, ${found.theirs.toFixed(1)} views/s`,
    samples: found.pairs,
  };
}
