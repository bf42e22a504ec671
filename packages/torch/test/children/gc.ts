/** @file Run by lifetime.test.ts with --expose-gc: what nobody holds is freed by the garbage collector. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as torch from '../../src/index.js';

await torch.load({ threads: 1 });
const before = [torch.liveTensors(), torch.liveBytes()];
const held = torch.ones([4]);
(function forget() {
  for (let i = 0; i < 100; i++) torch.ones([1000]);
  new torch.Generator(1);
})();
const made = torch.liveTensors();
for (let i = 0; i < 50 && torch.liveTensors() > before[0]! + 1; i++) {
  (globalThis as unknown as { gc(): void }).gc();
  await sleep(10); // finalisers run between two turns of the event loop
}
console.log(JSON.stringify({ before, made, after: [torch.liveTensors(), torch.liveBytes()], held: held.tolist() }));
