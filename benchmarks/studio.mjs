#!/usr/bin/env node
/**
 * @file `npm run bench:studio`: how fast the studio is, driven by scripts in a real browser without a window; prints one table. Each row
 * starts `twoview studio` anew. A row that breaks prints its error, and the others go on.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { machine } from './lib/machine.mjs';
import { fail, optionsOr } from './lib/options.mjs';
import { Bench } from './studio/bench.mjs';
import { isMissed, markdown, reachedBy } from './studio/table.mjs';

/** Name, file, and what it exports. */
const ROWS = {
  known: ['thumbnails', 'known'],
  photographs: ['thumbnails', 'photographs'],
  keys: ['label-keys', 'measure'],
  similar: ['similar', 'measure'],
  map: ['map', 'measure'],
  panning: ['panning', 'measure'],
  training: ['while-training', 'measure'],
  pausing: ['pausing', 'measure'],
  rows: ['cluster-rows', 'measure'],
  memory: ['memory', 'measure'],
};
const NUMBERS = { images: 0, photos: 200, labels: 200, rows: 60, look: 2, seconds: 60, repeat: 3 };

const given = optionsOr(
  `npm run bench:studio -- [--data FOLDER] [--weights RUN] [--only row,row] [--json FILE]

  --data     a folder with a folder for each class, or the name of a set (cifar10, written as JPEG files)
  --weights  a run whose encoder is used; without it the rows that need one say so
  --only     ${Object.keys(ROWS).join(', ')} (all)
  --json     writes all figures to this file, anew after each row
  --images   use so many images, as many of each class (all)
  --photos   photographs of 12 megapixels in the new folder (${NUMBERS.photos})
  --labels   labels given by keys (${NUMBERS.labels})
  --rows     rows of similar images for the scripted person (${NUMBERS.rows})
  --look     seconds for which that person looks at a row (${NUMBERS.look})
  --seconds  of requests while SimCLR trains (${NUMBERS.seconds})
  --repeat   how often what starts the server is measured (${NUMBERS.repeat})
  --model    that trains meanwhile (resnet18)
  --keep     a folder in which decoded images and representations are kept for the next call`,
  {
    data: { type: 'string', default: 'cifar10' },
    weights: { type: 'string' },
    only: { type: 'string', default: Object.keys(ROWS).join(',') },
    json: { type: 'string' },
    model: { type: 'string', default: 'resnet18' },
    keep: { type: 'string' },
    ...Object.fromEntries(Object.entries(NUMBERS).map(([name, n]) => [name, { type: 'string', default: String(n) }])),
  },
);
const wanted = given.only.split(',');
const unknown = wanted.filter((name) => !(name in ROWS));
if (unknown.length > 0) fail(`there is no row ${unknown.join(', ')}; the rows are ${Object.keys(ROWS).join(', ')}`);
const options = { ...given, ...(given.weights && { weights: resolve(given.weights) }) };
for (const name of Object.keys(NUMBERS)) {
  options[name] = Number(given[name]);
  if (!(options[name] >= (name === 'images' || name === 'look' ? 0 : 1))) fail(`--${name} ${given[name]} is too small`);
}

const loadBefore = loadavg()[0].toFixed(1);
const work = given.keep ? resolve(given.keep) : mkdtempSync(join(tmpdir(), 'twoview-studio-'));
const bench = new Bench(work, options);
const rows = [];
process.once('SIGINT', () => end().finally(() => process.exit(130)));
try {
  for (const name of wanted) {
    await measureRow(name);
    if (given.json) writeFileSync(given.json, `${JSON.stringify(await report(), null, 2)}\n`);
  }
  console.log(markdown(await report()));
} finally {
  await end();
}
const missed = rows.filter(isMissed).length;
const broken = rows.filter(({ error }) => error !== undefined).length;
if (missed + broken > 0) console.error(`bench  of ${rows.length} rows ${missed} miss their target and ${broken} broke`);
if (broken > 0) process.exitCode = 1;

async function end() {
  await bench.close();
  if (!given.keep) rmSync(work, { recursive: true, force: true });
}

async function measureRow(name) {
  console.error(`bench  ${name}`);
  const [file, measure] = ROWS[name];
  try {
    const { [measure]: results } = await import(`./studio/${file}.mjs`);
    for await (const result of results(bench)) {
      rows.push({ row: name, load: loadavg()[0].toFixed(1), ...result });
      const value = result.samples
        ? `${reachedBy(result).toFixed(2)}${result.target.unit}; ${result.detail}`
        : result.absent;
      console.error(`       ${result.what}: ${value}`);
    }
  } catch (error) {
    const text = String(error.message).replace(/\s+/g, ' ').slice(0, 300);
    rows.push({ row: name, what: name, error: text });
    console.error(`       broke: ${error.stack}`);
  } finally {
    await bench.endRow();
  }
}

async function report() {
  const { versions, ...rest } = await machine({ peers: false });
  const browser = await bench.browser();
  const about = [
    ...(await bench.inWords()),
    options.weights ? `encoder ${basename(options.weights)}` : 'no encoder',
    'the browser draws in software',
  ].join('; ');
  const chromium = (await browser.version()).replace(/^\D*/, '');
  return { ...rest, versions: { ...versions, Chromium: chromium }, loadBefore, about, options, rows };
}
