/** @file "More like this": the images most similar to one. */
import { quantile } from '../lib/statistics.mjs';
import { untilReady } from './server.mjs';

const REQUESTS = 100;

export async function* measure(bench) {
  bench.requireWeights();
  const server = await bench.known();
  const { get, timed } = await server.client();
  const { images, encoder } = await untilReady({ get });
  const samples = [];
  for (let i = 0; i < REQUESTS; i++) {
    const { ms, status, json } = await timed('GET', `/api/similar/${(i * 7919) % images}?count=50`);
    if (status !== 200) throw new Error(`it answered ${status}: ${json?.error?.what}`);
    samples.push(ms);
  }
  yield {
    what: '50 images like this one, p95',
    ...{ target: { most: 50, unit: ' ms' }, samples, at: 0.95 },
    detail: `p50 ${quantile(samples, 0.5).toFixed(0)} ms, the first ${samples[0].toFixed(0)} ms; ${images} x ${encoder.featureSize}, one request after the other`,
  };
}
