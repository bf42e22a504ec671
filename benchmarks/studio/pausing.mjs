/** @file How soon a training that is paused takes no more of the processor. */
import { ticksOf } from './processes.mjs';
import { sleep, untilReady } from './server.mjs';
import { startTraining } from './training.mjs';

const TURNS = 5;
/** So long without a tick is a stop. */
const STILL_MS = 1000;
const LOOK_MS = 10;

export async function* measure(bench) {
  const server = await bench.known();
  const { get, post } = await server.client();
  await untilReady({ get });
  const { id, pid, about } = await startTraining(server, bench.options.model);
  const samples = [];
  for (let i = 0; i < TURNS; i++) {
    await untilBusy(pid);
    const asked = performance.now();
    await post(`/api/runs/${id}/pause`);
    samples.push((await lastTick(pid, asked)) / 1000);
    await post(`/api/runs/${id}/continue`);
  }
  yield {
    what: 'pause of a training to its cores free',
    ...{ target: { most: 2, unit: ' s' }, samples },
    detail: `${about}; the last tick of processor time (10 ms) of the run's processes`,
  };
}

async function untilBusy(pid) {
  const before = ticksOf(pid);
  while (ticksOf(pid) < before + 20) await sleep(LOOK_MS);
}

/** @returns milliseconds from `asked` until it was seen to take time for the last time, and at least until the answer */
async function lastTick(pid, asked) {
  let [ticks, at] = [ticksOf(pid), performance.now()];
  while (performance.now() - at < STILL_MS) {
    const now = ticksOf(pid);
    if (now !== ticks) [ticks, at] = [now, performance.now()];
    await sleep(LOOK_MS);
  }
  return at - asked;
}
