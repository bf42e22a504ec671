/** @file From the command to the first thumbnails on the screen: of images that were opened before, and of a new folder of photographs. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot } from '../../packages/torch/dist/src/engine/index.js';
import { peer } from '../lib/peer.mjs';
import { blankPage } from './browser.mjs';

const WANTED = 200;
/** Shows more than 200 of the smallest squares that the page makes by itself. */
const VIEWPORT = { width: 2560, height: 1440 };
const DISTINCT = 24;
const PATIENCE = 120_000;

export async function* known(bench) {
  const { options } = bench;
  const seconds = [];
  let shown = 0;
  for (let i = 0; i < options.repeat; i++) {
    const server = await bench.known();
    const seen = await untilPainted(bench, server, Math.min(WANTED, (await bench.images()).truth.size));
    seconds.push(seen.seconds);
    shown = seen.shown;
    await bench.end(server);
  }
  yield {
    what: `command to the first ${shown} thumbnails, opened before`,
    target: { most: 1.5, unit: ' s' },
    samples: seconds,
    detail: options.weights ? 'with an encoder, whose representations are loaded meanwhile' : 'without an encoder',
  };
}

export async function* photographs(bench) {
  const { photos, repeat } = bench.options;
  const folder = join(cacheRoot(), 'bench', `photos-4000x3000-${photos}`);
  const maker = await peer('make_photos', {
    ...{ folder, count: photos, width: 4000, height: 3000, distinct: DISTINCT },
  });
  maker.end();
  const seconds = [];
  let shown = 0;
  for (let i = 0; i < repeat; i++) {
    const fresh = mkdtempSync(join(bench.work, 'photographs-'));
    const server = await bench.start({ source: folder, project: join(fresh, 'project'), data: join(fresh, 'data') });
    const seen = await untilPainted(bench, server, Math.min(WANTED, readdirSync(folder).length));
    seconds.push(seen.seconds);
    shown = seen.shown;
    await bench.end(server);
    rmSync(fresh, { recursive: true });
  }
  yield {
    what: `command to the first ${shown} thumbnails, new folder of photographs`,
    target: { most: 3, unit: ' s' },
    samples: seconds,
    detail: `${photos} JPEG files of 12 megapixels (${Math.min(DISTINCT, photos)} different ones), in the system's file cache`,
  };
}

/** The browser is open before the command starts. */
async function untilPainted(bench, server, wanted) {
  const page = await blankPage(await bench.browser(), VIEWPORT);
  await page.evaluateOnNewDocument(watch, wanted);
  await page.goto(server.address);
  await page
    .waitForFunction(() => window.painted !== undefined, { timeout: PATIENCE })
    .catch(async (cause) => {
      const seen = await page.evaluate(() => window.seen);
      throw new Error(`after ${PATIENCE / 1000} s ${seen ?? 'no'} thumbnails are on the screen`, { cause });
    });
  const { at, shown } = await page.evaluate(() => window.painted);
  await page.close();
  return { seconds: (at - server.began) / 1000, shown };
}

/**
 * Runs in the page: when `wanted` thumbnails inside of the window are decoded and a frame with them has ended. Looks now and then: in every
 * frame, it would itself take a core from what it measures.
 */
function watch(wanted) {
  const again = () => setTimeout(look, 40);
  const inside = (picture) => {
    const { top, bottom } = picture.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  };
  const look = () => {
    const pictures = [...document.querySelectorAll('[role=gridcell] img')];
    const there = pictures.filter((one) => one.complete && one.naturalWidth > 0);
    window.seen = there.length;
    const shown = there.length < wanted ? [] : there.filter(inside);
    if (shown.length < wanted) return again();
    const first = shown.slice(0, wanted);
    const over = () => {
      window.painted = { at: performance.timeOrigin + performance.now(), shown: first.length };
    };
    Promise.all(first.map((one) => one.decode())).then(
      () => requestAnimationFrame(() => requestAnimationFrame(over)),
      again,
    );
  };
  again();
}
