/** @file Memory over 2,000 steps of pre-training with a small network: checkpoints, kNN and logging are all in. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median, summary } from './lib/statistics.mjs';

const RUN = fileURLToPath(new URL('lib/long-run.mjs', import.meta.url));

export async function* measure({ quick }) {
  const steps = quick ? 400 : 2000;
  const samples = JSON.parse(
    execFileSync(process.execPath, [RUN, String(steps), String(steps / 4)], { encoding: 'utf8', maxBuffer: 64 << 20 }),
  );
  const tenth = Math.floor(samples.length / 10);
  const first = median(samples.slice(0, tenth).map(({ rss }) => rss));
  // The largest tenth of the run after the first, so that a growth in the middle shows as well.
  const tenths = Array.from({ length: 9 }, (_, i) =>
    median(samples.slice((i + 1) * tenth, (i + 2) * tenth).map(({ rss }) => rss)),
  );
  const growth = tenths.map((value) => (100 * (value - first)) / first);
  const live = summary(samples.map(({ tensors }) => tensors));
  const mib = (bytes) => (bytes / 2 ** 20).toFixed(0);
  const largest = Math.max(...growth);
  yield {
    name: `resident memory over ${steps} pre-training steps after warm-up, growth of the largest tenth over the first`,
    target: { most: 2, unit: ' %' },
    value: { median: largest, low: Math.min(...growth), high: largest },
    detail: `${mib(first)} MiB in the first tenth, ${mib(tenths.at(-1))} MiB in the last`,
    samples,
  };
  yield {
    name: 'the same: live tensors, most minus least',
    target: { most: 0, unit: '' },
    value: { median: live.high - live.low, low: live.high - live.low, high: live.high - live.low },
    detail: `${live.low} to ${live.high} tensors`,
    samples: [],
  };
}
