/** @file Answers of every kind while SimCLR trains on all cores. */
import { quantile } from '../lib/statistics.mjs';
import { sleep, untilReady } from './server.mjs';
import { startTraining } from './training.mjs';

const EVERY_MS = 20;
const LABEL_MS = 500;

export async function* measure(bench) {
  const server = await bench.known();
  const client = await server.client();
  const { images } = await untilReady(client);
  for (const name of ['one', 'two']) await client.post('/api/classes', { add: { name } });
  let { revision, classes } = await client.get('/api/state');
  let turn = 0;
  const kinds = {
    state: () => client.timed('GET', '/api/state'),
    changes: () => client.timed('GET', `/api/images?since=${revision}`),
    details: () => client.timed('GET', `/api/image/${(turn * 104729) % images}`),
    thumbnail: () => client.timed('GET', `/thumb/${turn % Math.min(200, images)}`),
    ...(bench.options.weights && {
      similar: () => client.timed('GET', `/api/similar/${(turn * 15485863) % images}?count=50`),
    }),
  };
  const label = async () => {
    const items = [{ image: (turn * 7919) % images, class: classes[turn % classes.length].id }];
    const answer = await client.timed('POST', '/api/labels', { items, by: 'script', from: 'grid' });
    revision = answer.json?.revision ?? revision;
    return answer;
  };
  const training = await startTraining(server, bench.options.model);
  const times = Object.fromEntries([...Object.keys(kinds), 'label'].map((kind) => [kind, []]));
  const refused = new Map();
  const going = [];
  let labelled = 0;
  for (const end = performance.now() + 1000 * bench.options.seconds; performance.now() < end; await sleep(EVERY_MS)) {
    turn++;
    const isLabel = performance.now() - labelled > LABEL_MS;
    if (isLabel) labelled = performance.now();
    const kind = isLabel ? 'label' : Object.keys(kinds)[turn % Object.keys(kinds).length];
    const asked = isLabel ? label() : kinds[kind]();
    going.push(
      asked.then(({ ms, status }) => {
        if (status === 200) times[kind].push(ms);
        else refused.set(`${kind} ${status}`, (refused.get(`${kind} ${status}`) ?? 0) + 1);
      }),
    );
  }
  await Promise.all(going);
  const each = Object.entries(times).map(([kind, list]) =>
    list.length === 0 ? `${kind} none` : `${kind} ${quantile(list, 0.99).toFixed(0)} ms`,
  );
  const not = [...refused].map(([kind, n]) => `; ${n} times ${kind}`).join('');
  yield {
    what: 'any answer while SimCLR trains, p99',
    ...{ target: { most: 100, unit: ' ms' }, samples: Object.values(times).flat(), at: 0.99 },
    detail: `of each kind: ${each.join(', ')}${not}; ${training.about}, a request every ${EVERY_MS} ms for ${bench.options.seconds} s`,
  };
}
