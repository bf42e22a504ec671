/** @file Labels given by keys in the view Label: until the page has drawn them, and until the accuracy counts them. */
import { quantile } from '../lib/statistics.mjs';
import { openPage } from './browser.mjs';
import { knowledge, labelSome, takeExam } from './person.mjs';
import { sleep, untilReady } from './server.mjs';

const EXAM = 200;
const FIRST = 20;
/** Nobody presses faster. */
const BETWEEN_MS = 150;
const PATIENCE_MS = 5000;

export async function* measure(bench) {
  bench.requireWeights();
  const server = await bench.known();
  const client = await server.client();
  const { images } = await untilReady(client);
  const person = await knowledge(client, await bench.images());
  const exam = await takeExam(client, person, Math.min(EXAM, images >> 2));
  await labelSome(client, person, FIRST);
  await accuracyOf(client, FIRST);
  const page = await openPage(await bench.browser(), server, 'label');
  await page.waitForSelector('figure [data-image]');
  await page.waitForSelector('header a[href="#accuracy"] strong');
  await page.evaluate(watch, FIRST);
  for (let i = 0; i < bench.options.labels; i++) await pressKey(page, person, i);
  const seen = await page.evaluate(() => window.keys);
  const times = (of) => seen.map((key) => key[of] - key.at).filter((ms) => !Number.isNaN(ms));
  const [painted, next, counted] = [times('painted'), times('next'), times('counted')];
  if (painted.length < seen.length) throw new Error(`${seen.length - painted.length} keys were never painted`);
  const between = (list) => `p50 ${quantile(list, 0.5).toFixed(0)} ms`;
  yield {
    what: 'label key to painted, p95',
    ...{ target: { most: 100, unit: ' ms' }, samples: painted, at: 0.95 },
    detail: `${between(painted)}; to the picture of the next image p50 ${quantile(next, 0.5).toFixed(0)}, p95 ${quantile(next, 0.95).toFixed(0)} ms, where every 20th key waits for 20 more`,
  };
  const late = seen.length - counted.length;
  yield {
    what: 'label key to the new accuracy on the screen, p95',
    // One that did not come in time is slower than all others.
    ...{ target: { most: 300, unit: ' ms' }, samples: [...counted, ...Array(late).fill(PATIENCE_MS)], at: 0.95 },
    detail: `${between(counted)}; exam of ${exam} images${late > 0 ? `; ${late} did not come within ${PATIENCE_MS / 1000} s` : ''}`,
  };
}

/** Waits until the number rests on so many labels. */
async function accuracyOf({ timed }, labels) {
  const end = performance.now() + 60_000;
  while (((await timed('GET', '/api/accuracy')).json?.labels ?? 0) < labels) {
    if (performance.now() > end) throw new Error(`there is no accuracy with ${labels} labels after a minute`);
    await sleep(50);
  }
}

async function pressKey(page, { keyOf }, i) {
  const image = Number(await page.$eval('figure [data-image]', (picture) => picture.dataset.image));
  await page.keyboard.press(keyOf(image));
  const done = (n) => Number.isFinite(window.keys[n]?.next) && Number.isFinite(window.keys[n]?.counted);
  await page.waitForFunction(done, { timeout: PATIENCE_MS, polling: 20 }, i).catch(() => {});
  await page.waitForFunction(
    (before) => {
      const now = document.querySelector('figure [data-image]')?.dataset.image;
      return now !== undefined && now !== before;
    },
    { polling: 20 },
    String(image),
  );
  await sleep(BETWEEN_MS);
}

/** Runs in the page. @param before labels that there were: the number's title says how many it rests on */
function watch(before) {
  const keys = [];
  window.keys = keys;
  /** The frame in which a change is drawn ends before a task that is queued in its own callback. */
  const afterFrame = (then) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => then(performance.now());
      port2.postMessage(null);
    });
  const picture = () => document.querySelector('figure [data-image]');
  addEventListener(
    'keydown',
    ({ timeStamp }) => {
      const key = { at: timeStamp, painted: Number.NaN, next: Number.NaN, counted: Number.NaN };
      keys.push(key);
      const shown = picture()?.dataset.image;
      afterFrame((now) => {
        key.painted = now;
      });
      const look = () => {
        const now = picture();
        if (!now || now.dataset.image === shown || !now.complete || now.naturalWidth === 0)
          return requestAnimationFrame(look);
        afterFrame((at) => {
          key.next = at;
        });
      };
      requestAnimationFrame(look);
    },
    true,
  );
  const number = document.querySelector('header a[href="#accuracy"]');
  const count = () => Number(/([\d\s.,]+) labels/.exec(number.title)?.[1].replace(/\D/g, ''));
  new MutationObserver(() => {
    const known = count() - before;
    afterFrame((now) => {
      for (const key of keys.slice(0, known)) if (Number.isNaN(key.counted)) key.counted = now;
    });
  }).observe(number, { attributes: true, attributeFilter: ['title'] });
}
