/**
 * @file A scripted person labels rows of similar images in the page: looks for a moment, accepts the class that is proposed for the whole
 * row, and skips a row without one. Nothing is corrected, so that the purity is that of the proposals.
 */
import { openPage } from './browser.mjs';
import { knowledge, labelSome } from './person.mjs';
import { sleep, untilReady } from './server.mjs';

const FIRST = 100;
/** The page's name for who gave none. */
const NOBODY = 'me';

export async function* measure(bench) {
  bench.requireWeights();
  const { rows, look } = bench.options;
  const server = await bench.known();
  const client = await server.client();
  const { images } = await untilReady(client);
  const set = await bench.images();
  const person = await knowledge(client, set);
  const first = await labelSome(client, person, Math.min(FIRST, images >> 3));
  const page = await openPage(await bench.browser(), server, 'label');
  await page.evaluate(() => {
    const tabs = [...document.querySelectorAll('[role=tab]')];
    tabs.find((tab) => /rows/i.test(tab.textContent)).click();
  });
  const began = performance.now();
  let [waited, accepted, skipped] = [0, 0, 0];
  for (let i = 0; i < rows; i++) {
    const before = performance.now();
    await page.waitForFunction(isShown, { polling: 20, timeout: 60_000 });
    waited += performance.now() - before;
    if ((await page.$('section[aria-current=true]')) === null) break;
    await sleep(1000 * look);
    const proposed = (await page.$('section[aria-current=true] header .main')) !== null;
    // Enter on a tab that has the focus would be that tab's.
    await page.evaluate(() => document.activeElement?.blur());
    await page.keyboard.press(proposed ? 'Enter' : 's');
    if (proposed) accepted++;
    else skipped++;
  }
  if (accepted === 0) throw new Error(`none of ${skipped} rows had a proposal`);
  await page.waitForFunction(() => /^saved$/.test(document.querySelector('.saving').textContent.trim()));
  const hours = (performance.now() - began) / 3_600_000;
  const { labelled, right } = judged(await client.get('/api/labels.csv'), set);
  yield {
    what: 'rows of similar images, images an hour',
    ...{ target: { least: 16_000, unit: '' }, samples: [labelled / hours], n: `${accepted + skipped} rows` },
    detail: `purity ${((100 * right) / labelled).toFixed(1)} % of ${labelled} labels; ${accepted} rows accepted as proposed, ${skipped} without a proposal, a look of ${look} s each, ${(waited / (accepted + skipped)).toFixed(0)} ms of waiting; ${first} labels before`,
  };
}

/** Runs in the page: the row whose turn it is has all its pictures, or no row is left. */
function isShown() {
  const row = document.querySelector('section[aria-current=true]');
  if (row === null) return document.querySelector('.empty') !== null;
  return [...row.querySelectorAll('img')].every((one) => one.complete && one.naturalWidth > 0);
}

/** Of the labels given in the page, how many are true. */
function judged(csv, { classes, truth }) {
  const [head, ...lines] = csv.trim().split('\n');
  const [path, label, by] = ['path', 'label', 'by'].map((name) => head.split(',').indexOf(name));
  const given = lines.map((line) => line.split(',')).filter((cells) => cells[by] === NOBODY);
  return {
    labelled: given.length,
    right: given.filter((cells) => classes[truth.get(cells[path])] === cells[label]).length,
  };
}
