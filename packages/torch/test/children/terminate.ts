/** @file Run by lifetime.test.ts: ends worker threads in the middle of their steps, each at another moment, and must live on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import * as torch from '../../src/index.js';

await torch.load({ threads: 1 });
const x = torch.ones([2]);
for (let i = 0; i < 15; i++) {
  const worker = new Worker(new URL('./step-worker.js', import.meta.url), { workerData: { seed: i, steps: 1e9 } });
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await sleep(i);
  await worker.terminate();
}
console.log(x.add(1).toString());
