/**
 * @file Memory over 2,000 steps of pre-training with a small network: checkpoints, kNN and logging are all in. The program is the one
 * that the tests watch.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exactly, median, summary } from './lib/statistics.mjs';

const PROGRAM = fileURLToPath(new URL('../packages/twoview/test/memory-steps.mjs', import.meta.url));
/** Until two kNN have come and gone, and the heap of libtorch has found its size. */
const WARM_UP = 800;

export async function* measure({ quick }) {
  const steps = quick ? 400 : 2000;
  const folder = mkdtempSync(join(tmpdir(), 'twoview-bench-'));
  const options = [String(WARM_UP + steps), String(WARM_UP), join(folder, 'run')];
  const samples = JSON.parse(
    execFileSync(process.execPath, [PROGRAM, ...options], { encoding: 'utf8', maxBuffer: 64 << 20 }),
  );
  rmSync(folder, { recursive: true });
  const tenth = Math.floor(samples.length / 10);
  const middle = (part) => median(samples.slice(part * tenth, (part + 1) * tenth).map(({ native }) => native));
  const [first, ...others] = Array.from({ length: 10 }, (_, part) => middle(part));
  const growth = others.map((value) => (100 * (value - first)) / first);
  const live = summary(samples.map(({ tensors }) => tensors));
  const mib = (bytes) => (bytes / 2 ** 20).toFixed(0);
  // The largest tenth after the first, so that a growth in the middle shows as well.
  const largest = Math.max(...growth);
  yield {
    name: `memory outside V8's heap over ${steps} pre-training steps after warm-up, growth of the largest tenth over the first`,
    target: { most: 2, unit: ' %' },
    value: { median: largest, low: Math.min(...growth), high: largest },
    detail: `${mib(first)} MiB in the first tenth, ${mib(others.at(-1))} MiB in the last`,
    samples,
  };
  yield {
    name: 'the same: live tensors, most minus least',
    target: { most: 0, unit: '' },
    value: exactly(live.high - live.low),
    detail: `${live.low} to ${live.high} tensors`,
    samples: [],
  };
}
