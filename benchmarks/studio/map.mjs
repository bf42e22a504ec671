/** @file The map of all images: until PCA is drawn, and until UMAP has settled. */
import { openPage } from './browser.mjs';
import { untilReady } from './server.mjs';

const PATIENCE = 300_000;

export async function* measure(bench) {
  bench.requireWeights();
  const samples = [];
  let page;
  for (let i = 0; i < bench.options.repeat; i++) {
    const server = await bench.known();
    await untilReady(await server.client());
    page = await openPage(await bench.browser(), server, 'images');
    await page.waitForSelector('#cell-0');
    samples.push(await page.evaluate(pca));
    if (i < bench.options.repeat - 1) await bench.end(server);
  }
  const count = (await bench.images()).truth.size;
  yield {
    what: 'map: view opened to PCA drawn',
    ...{ target: { most: 1, unit: ' s' }, samples },
    detail: `${count} points, the first map that the server makes`,
  };
  const what = 'map: chosen to UMAP settled and drawn';
  if ((await page.$('select option[value=umap]')) === null) {
    yield { what, absent: 'not there: the page has no UMAP' };
    return;
  }
  page.setDefaultTimeout(PATIENCE);
  await page.evaluate(watchUmap);
  await page.select('select[aria-label="Method of the map"]', 'umap');
  await page.waitForFunction(() => window.umap.drawn !== null || document.querySelector('.note.warn') !== null, {
    polling: 100,
  });
  const problem = await page.$eval('.note.warn', (note) => note.textContent).catch(() => null);
  if (problem !== null) throw new Error(problem);
  const { first, drawn } = await page.evaluate(() => window.umap);
  yield {
    what,
    ...{ target: { most: 15, unit: ' s' }, samples: [drawn] },
    detail: `${count} points; the first one, not settled, after ${first.toFixed(1)} s`,
  };
}

/** Runs in the page. @returns seconds from the change of views to the frame after the map has come */
async function pca() {
  const began = performance.now();
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const has = () =>
    performance.getEntriesByType('resource').some((one) => /\/api\/map/.test(one.name) && one.responseEnd > began);
  location.hash = '#map';
  while (!has() || document.querySelector('canvas') === null) await frame();
  await frame();
  await frame();
  return (performance.now() - began) / 1000;
}

/** Runs in the page: seconds from the choice to the first and to the settled map. */
function watchUmap() {
  const umap = { first: null, drawn: null };
  window.umap = umap;
  let settledAt = Number.POSITIVE_INFINITY;
  let began;
  document.querySelector('select[aria-label="Method of the map"]').addEventListener(
    'change',
    () => {
      began = performance.now();
    },
    true,
  );
  const since = () => (performance.now() - began) / 1000;
  new EventSource('/api/events').addEventListener('map', ({ data }) => {
    const { method, settled } = JSON.parse(data);
    if (method === 'umap' && settled) settledAt = performance.now();
  });
  new PerformanceObserver((list) => {
    for (const { name, responseStart } of list.getEntries()) {
      if (!/\/api\/map\?method=umap/.test(name)) continue;
      const isLast = responseStart > settledAt;
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          umap.first ??= since();
          if (isLast) umap.drawn ??= since();
        }),
      );
    }
  }).observe({ type: 'resource' });
}
