/** @file Views per second of the product's whole step: batch, views, network, loss, optimizer, metrics. */
import { PerformanceObserver } from 'node:perf_hooks';
import { torch } from './parts.mjs';
import { pretrainWhile } from './pretraining.mjs';

/** @returns { model, batchSize, precision, cudnn, steps, viewsPerSecond, msPerStep, slowest, collector, dataShare, memory, rss } */
export async function measureSpeed({ device, work, data, model, precision, cudnn, sizes }) {
  const { batchSize, warmup, seconds } = sizes;
  const gpu = device !== 'cpu';
  const collected = { count: 0, ms: 0 };
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      collected.count++;
      collected.ms += duration;
    }
  });
  const times = [];
  let [from, last] = [0, null];
  await pretrainWhile(
    { device, cudnn, work, name: `speed-${model}-${cudnn}`, data, model, batchSize, precision },
    (step, event) => {
      const now = performance.now();
      if (step === warmup) {
        from = now;
        observer.observe({ entryTypes: ['gc'] });
        if (gpu) torch.cuda.resetPeakMemory(device);
      }
      if (step > warmup) times.push(now - last);
      last = now;
      if (step > warmup) collected.dataShare = event.dataShare;
      return step <= warmup || now - from < seconds * 1000;
    },
  );
  observer.disconnect();
  const ms = times.reduce((sum, one) => sum + one, 0) / times.length;
  const sorted = times.sort((a, b) => a - b);
  const line = {
    ...{ model, batchSize, precision, cudnn, steps: times.length },
    viewsPerSecond: (2000 * batchSize) / ms,
    msPerStep: ms,
    median: sorted[times.length >> 1],
    slowest: sorted.slice(-5),
    collector: { count: collected.count, msPerStep: collected.ms / times.length },
    dataShare: collected.dataShare,
    memory: gpu ? torch.cuda.memory(device) : null,
    rss: process.memoryUsage.rss(),
  };
  console.log(
    `${model}, ${precision}, cuDNN ${cudnn}: ${line.viewsPerSecond.toFixed(0)} views/s, ${ms.toFixed(2)} ms a step`,
  );
  return line;
}
