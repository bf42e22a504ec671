/** @file How near a training step of ResNet-18 in bfloat16 comes to what a convolution reaches here. */
import { bench, benchSchema, parseConfig } from '../packages/twoview/dist/src/index.js';
import { exactly } from './lib/statistics.mjs';

export async function* measure({ quick }) {
  const settings = { model: 'resnet18', precision: 'bfloat16', threads: 2, steps: quick ? 3 : 10 };
  const { flopsPerSecond, peaks, viewsPerSecond } = await bench(parseConfig(benchSchema, settings));
  const peak = peaks.convolution.bfloat16;
  const ratio = flopsPerSecond / peak;
  yield {
    name: 'ResNet-18 training step in bfloat16, operations a second / those of a bfloat16 convolution',
    target: { least: 0.7, unit: 'x' },
    value: exactly(ratio),
    detail: `${(flopsPerSecond / 1e9).toFixed(0)} GFLOP/s of ${(peak / 1e9).toFixed(0)}; ${viewsPerSecond.toFixed(1)} views/s`,
    samples: [flopsPerSecond, peaks],
  };
}
