/** @file Every network's training step on views that lie on the device, with its share of the device's peak; and plain PyTorch's beside it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bench, benchSchema, parseConfig, torch } from './parts.mjs';

/** @returns [{ model, batch, viewsPerSecond, flopsPerSecond, ofPeak, peakMemory }], in bfloat16 */
export async function measureNetworks(device, { networks }, say) {
  const gpu = device !== 'cpu';
  const lines = [];
  for (const model of networks.models) {
    if (gpu) {
      torch.cuda.configure({ benchmark: true, deterministic: false });
      torch.cuda.emptyCache();
      torch.cuda.resetPeakMemory(device);
    }
    const settings = { model, device, precision: 'bfloat16', batchSize: networks.batch, steps: networks.steps };
    const { viewsPerSecond, flopsPerSecond, peaks } = await bench(parseConfig(benchSchema, settings));
    if (gpu) torch.cuda.configure();
    const ofPeak = flopsPerSecond / peaks.product.bfloat16;
    const peakMemory = gpu ? torch.cuda.memory(device).peakAllocated : null;
    lines.push({ model, batch: networks.batch, viewsPerSecond, flopsPerSecond, ofPeak, peaks, peakMemory });
    say(`step   ${model}: ${viewsPerSecond.toFixed(0)} views/s, ${(100 * ofPeak).toFixed(0)} % of a product's peak`);
  }
  return lines;
}

/** The same steps by PYTHON's torch; a reason in words where it cannot be imported. */
export function measurePeer(device, { networks }, say) {
  const python = process.env.PYTHON ?? 'python3';
  if (spawnSync(python, ['-c', 'import torch']).status !== 0) return { skipped: `${python} cannot import torch` };
  const models = networks.models.filter((model) => /^resnet(18|34|50)$/.test(model));
  const options = { device, models, batch: networks.batch, seconds: networks.seconds, compile: networks.compile };
  const done = spawnSync(python, [join(import.meta.dirname, 'peer.py'), JSON.stringify(options)], { encoding: 'utf8' });
  const lines = done.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  for (const { model, contender, viewsPerSecond } of lines) {
    say(`peer   ${model}, PyTorch ${contender}: ${viewsPerSecond.toFixed(0)} views/s`);
  }
  return done.status === 0 ? lines : { lines, failed: done.stderr.slice(-2000) };
}
