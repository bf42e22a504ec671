#!/usr/bin/env node
/**
 * @file How quickly the studio's server answers, at rest and while SimCLR trains beside it on all cores; how soon a pause gives the
 * cores back; and the memory of the server's process.
 *
 *     node benchmarks/studio-server.mjs [--data SOURCE] [--weights RUN] [--seconds 20] [--model resnet18]
 *
 * A request every 20 ms, of each kind in turn, and a label twice a second, from a process of its own; times are from the first byte sent to the last received.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { signedIn } from './studio/asking.mjs';
import { sleep } from './studio/server.mjs';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'shapes' },
    weights: { type: 'string', default: '' },
    seconds: { type: 'string', default: '20' },
    model: { type: 'string', default: 'resnet18' },
  },
});
const command = fileURLToPath(new URL('../packages/twoview/bin/twoview.js', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'twoview-studio-bench-'));
const began = performance.now();
const server = spawn(
  process.execPath,
  [
    command,
    'studio',
    values.data,
    '--no-open',
    '--project',
    project,
    ...(values.weights ? ['--weights', values.weights] : []),
  ],
  { stdio: ['ignore', 'inherit', 'pipe'] },
);
let client;

for await (const line of createInterface({ input: server.stderr })) {
  const address = /http:\S+/.exec(line)?.[0];
  if (address === undefined) continue;
  server.stderr.resume();
  client = await signedIn(address);
  break;
}
const ask = client.timed;
console.log(`listening after ${((performance.now() - began) / 1000).toFixed(2)} s`);

let state;
const until = async (what) => {
  do {
    await sleep(20);
    state = (await ask('GET', '/api/state')).json;
    if (state.phase === 'failed') throw new Error(state.failure);
  } while (!what(state));
  return ((performance.now() - began) / 1000).toFixed(2);
};
console.log(`images listed after ${await until(({ images }) => images > 0)} s: ${state.images}`);
if (state.phase === 'scanning') await until(({ phase }) => phase !== 'scanning');
let refused = 0;
const first = Array.from({ length: Math.min(200, state.images) }, async (_, id) => {
  while ((await ask('GET', `/thumb/${id}`)).status !== 200) {
    refused++;
    await sleep(50);
  }
});
await Promise.all(first);
console.log(
  `first ${first.length} thumbnails after ${((performance.now() - began) / 1000).toFixed(2)} s${refused > 0 ? ` (${refused} asked again)` : ''}`,
);
console.log(
  `ready after ${await until(({ phase, encoder }) => phase === 'ready' && (encoder === null || encoder.featureSize > 0))} s`,
);
if (state.classes.length === 0) {
  for (const name of ['one', 'two']) await ask('POST', '/api/classes', { add: { name } });
  await until(() => true);
}
if (values.weights) await once();

/** What a person waits for now and then. */
async function once() {
  const spread = (n) => Array.from({ length: n }, (_, i) => Math.floor((i * state.images) / n));
  const items = spread(200).map((image, i) => ({ image, class: i % state.classes.length }));
  await ask('POST', '/api/labels', { items, by: 'bench', from: 'grid' });
  await sleep(3000);
  const times = [];
  for (const image of spread(10).map((one) => one + 3)) {
    const started = performance.now();
    const { json } = await ask('POST', '/api/labels', { items: [{ image, class: 0 }], by: 'bench', from: 'grid' });
    while ((await ask('GET', `/api/images?since=${json.revision}`)).json.ids.length === 0) await sleep(5);
    times.push(performance.now() - started);
  }
  console.log(
    `label to new predictions of all images: median ${times.sort((a, b) => a - b)[5].toFixed(0)} ms of ${times.map((ms) => ms.toFixed(0)).join(' ')}`,
  );
  for (const path of [
    '/api/map',
    '/api/next?count=20',
    '/api/next?count=20&method=typiclust',
    '/api/clusters?rows=12&size=24',
  ]) {
    const { ms, status } = await ask('GET', path);
    console.log(`${path.padEnd(40)} ${status} ${ms.toFixed(0)} ms`);
  }
}

let revision = state.revision;
let turn = 0;
const KINDS = {
  state: () => ask('GET', '/api/state'),
  changes: () => ask('GET', `/api/images?since=${revision}`),
  label: async () => {
    const answer = await ask('POST', '/api/labels', {
      items: [{ image: (turn * 7919) % state.images, class: (turn >> 3) % Math.max(1, state.classes.length) }],
      by: 'bench',
      from: 'grid',
    });
    revision = answer.json.revision;
    return answer;
  },
  details: () => ask('GET', `/api/image/${(turn * 104729) % state.images}`),
  thumbnail: () => ask('GET', `/thumb/${turn % 200}`),
  ...(values.weights && { similar: () => ask('GET', `/api/similar/${(turn * 15485863) % state.images}?count=50`) }),
};

async function measure(title) {
  const times = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, []]));
  const end = performance.now() + Number(values.seconds) * 1000;
  const going = [];
  let labelled = 0;
  while (performance.now() < end) {
    turn++;
    const others = Object.keys(KINDS).filter((kind) => kind !== 'label');
    const due = performance.now() - labelled > 500;
    if (due) labelled = performance.now();
    const kind = due ? 'label' : others[turn % others.length];
    going.push(
      KINDS[kind]().then(({ ms, status }) => (status === 200 ? times[kind].push(ms) : console.log(kind, status))),
    );
    await sleep(20);
  }
  await Promise.all(going);
  console.log(`\n${title}`);
  for (const [kind, all] of [...Object.entries(times), ['all', Object.values(times).flat()]]) {
    const sorted = all.sort((a, b) => a - b);
    const at = (q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))].toFixed(1).padStart(7);
    console.log(
      `${kind.padEnd(10)} n ${String(sorted.length).padStart(5)}  p50 ${at(0.5)}  p95 ${at(0.95)}  p99 ${at(0.99)}  max ${at(1)} ms`,
    );
  }
}
const megabytes = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;

await measure('at rest');
console.log(
  `all columns at once: ${(await ask('GET', '/api/images')).ms.toFixed(1)} ms; memory of the server ${megabytes().toFixed(0)} MiB`,
);
const settings = { model: values.model, epochs: 100, heldOut: 0, batchSize: 256 };
const { run, error } = (await ask('POST', '/api/runs', { command: 'pretrain', settings })).json;
if (error) throw new Error(error.what);
const runOf = async () => (await ask('GET', '/api/runs')).json.runs.find(({ id }) => id === run.id);
while ((await runOf()).status === 'starting') await sleep(100);
await measure(`while ${values.model} trains`);
const { pid } = JSON.parse(readFileSync(join(project, 'runs', `${run.id}.studio.json`), 'utf8'));
const ticks = () => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return Number(fields[11]) + Number(fields[12]);
};
const paused = performance.now();
await ask('POST', `/api/runs/${run.id}/pause`, {});
for (let before = -1; before !== ticks(); await sleep(50)) before = ticks();
console.log(
  `\npaused: the cores were free after ${(performance.now() - paused).toFixed(0)} ms at most; memory of the server ${megabytes().toFixed(0)} MiB`,
);
await ask('POST', `/api/runs/${run.id}/continue`, {});
const stopping = performance.now();
client.close();
server.kill('SIGINT');
await new Promise((resolve) => server.on('exit', resolve));
console.log(
  `Ctrl-C: ended after ${((performance.now() - stopping) / 1000).toFixed(1)} s, with a checkpoint of the training`,
);
rmSync(project, { recursive: true });
