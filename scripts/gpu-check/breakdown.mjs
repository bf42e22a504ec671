/**
 * @file Where the time of a step goes: each phase alone, once with a wait for the GPU after it, once without, which is the time that
 * the host needs to ask for it. The step is written out here; what it is made of is the product's.
 */
import { openImages, torch } from './parts.mjs';
import { makePhases } from './phases.mjs';

/** @returns { waiting: { phase: ms }, asking: { phase: ms }, total: { host, all }, operators } each a step, means of some steps */
export async function breakDown({ device, data, model, precision, sizes }, report) {
  const { batchSize, warmup, steps, profiled } = sizes;
  const gpu = device !== 'cpu';
  await torch.load();
  if (gpu) torch.cuda.configure({ benchmark: true, deterministic: false });
  const set = await openImages(data);
  const { phases } = makePhases({ device, model, precision, batchSize, images: set.train.images });
  const wait = () => gpu && torch.cuda.synchronize(device);
  const run = (count, waits) => {
    const sums = Object.fromEntries(Object.keys(phases).map((name) => [name, 0]));
    for (let i = 0; i < count; i++) {
      torch.scope(() => {
        for (const [name, body] of Object.entries(phases)) {
          const start = performance.now();
          body();
          if (waits) wait();
          sums[name] += performance.now() - start;
        }
      });
    }
    return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count]));
  };
  run(warmup, true);
  const result = { model, batchSize, precision, waiting: run(steps, true) };
  report(result);
  wait();
  const start = performance.now();
  result.asking = run(steps, false);
  const host = (performance.now() - start) / steps;
  wait();
  result.total = { host, all: (performance.now() - start) / steps };
  report(result);
  console.log(JSON.stringify(result));
  const table = torch.profile(() => void run(profiled, false));
  result.operators = {
    calls: table.reduce((sum, { calls }) => sum + calls, 0) / profiled,
    milliseconds: (1000 * table.reduce((sum, { seconds }) => sum + seconds, 0)) / profiled,
    slowest: summed(table)
      .slice(0, 40)
      .map(({ name, calls, seconds }) => ({ name, calls: calls / profiled, ms: (1000 * seconds) / profiled })),
  };
  return result;
}

/** By name, over all shapes. */
function summed(table) {
  const names = new Map();
  for (const { name, calls, seconds } of table) {
    const one = names.get(name) ?? { name, calls: 0, seconds: 0 };
    names.set(name, { name, calls: one.calls + calls, seconds: one.seconds + seconds });
  }
  return [...names.values()].sort((a, b) => b.seconds - a.seconds);
}
