/** @file Memory of the server's process after a page has shown what it has. */
import { openPage } from './browser.mjs';
import { below, memoryOf } from './processes.mjs';
import { sleep, untilReady } from './server.mjs';

export async function* measure(bench) {
  const server = await bench.known();
  const { get } = await server.client();
  const { images } = await untilReady({ get });
  const page = await openPage(await bench.browser(), server, 'images');
  await page.waitForSelector('#cell-0');
  const views = ['images', 'map', 'label', 'accuracy', 'images'];
  for (const view of views) {
    await page.evaluate((to) => {
      location.hash = `#${to}`;
    }, view);
    await sleep(1000);
  }
  const { now, peak } = memoryOf(server.pid);
  const children = below(server.pid).map((pid) => memoryOf(pid).now);
  const sum = children.reduce((all, one) => all + one, 0);
  yield {
    what: 'memory of the server',
    ...{ target: { most: 400, unit: ' MiB' }, samples: [now] },
    detail: `${images} images after a walk through the views, at most ${peak.toFixed(0)} MiB so far; ${children.length} children, ${sum.toFixed(0)} MiB with what they share counted in each`,
  };
}
