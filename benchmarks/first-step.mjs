/** @file From the start of the process to the end of the first step of a pre-training, all that is kept between runs being there. */
import { startWith } from './lib/pretraining.mjs';
import { summary } from './lib/statistics.mjs';

const BATCH = 64;

export async function* measure({ quick }) {
  const start = await startWith('resnet18', 2 * BATCH);
  const run = async () => (await start.run({ batch: BATCH, steps: 1 })).steps[0].at;
  await run();
  const times = [];
  for (let i = 0; i < (quick ? 2 : 5); i++) times.push(await run());
  start.end();
  yield {
    name: `from the command to the end of the first step, ResNet-18, ${2 * BATCH} views`,
    target: { most: 3, unit: ' s' },
    value: summary(times),
    detail: 'images in the store, engine compiled, precision chosen before',
    samples: times,
  };
}
