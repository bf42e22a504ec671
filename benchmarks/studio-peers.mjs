#!/usr/bin/env node
/**
 * @file How long a person waits from the command to the first pictures: twoview's studio, LightlyStudio and embedding-atlas, on one
 * folder of images, in one headless Chromium. LightlyStudio gets no embeddings and embedding-atlas gets them ready-made, since their
 * models are downloaded; the studio gets an encoder, and represents the images meanwhile.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { machine } from './lib/machine.mjs';
import { fail, optionsOr } from './lib/options.mjs';
import { quantile } from './lib/statistics.mjs';
import { blankPage, openBrowser } from './studio/browser.mjs';

const HERE = import.meta.dirname;
const COMMAND = join(HERE, '../packages/twoview/bin/twoview.js');
const VIEWPORT = { width: 1440, height: 900 };
const PATIENCE = 900_000;

const options = optionsOr(
  `node benchmarks/studio-peers.mjs --images FOLDER --weights RUN --lightly PYTHON --atlas BIN [--repeat 3] [--json FILE]

  --images    a folder of image files, without folders inside
  --weights   a run whose encoder is used
  --lightly   Python of an environment with:  pip install lightly-studio
  --atlas     folder of the programs of an environment with:  pip install embedding-atlas
  --pictures  how many must be on the screen (1)
  --repeat    how often each start is measured (3)
  --json      writes all figures to this file`,
  {
    ...{
      images: { type: 'string' },
      weights: { type: 'string' },
      lightly: { type: 'string' },
      atlas: { type: 'string' },
    },
    ...{
      pictures: { type: 'string', default: '1' },
      repeat: { type: 'string', default: '3' },
      json: { type: 'string' },
    },
  },
);
if (!options.images || !options.weights) fail('--images FOLDER and --weights RUN are needed');
const images = resolve(options.images);
const weights = resolve(options.weights);
const work = mkdtempSync(join(tmpdir(), 'twoview-studio-peers-'));
const browser = await openBrowser();
const rows = [];
process.once('exit', () => rmSync(work, { recursive: true, force: true }));

/** Programs that show the images: what starts them on a folder that they have not seen, and once more. */
const TOOLS = {
  "twoview's studio": async (place, how) => {
    if (how === 'new') rmSync(place, { recursive: true, force: true });
    const args = [COMMAND, 'studio', images, '--weights', weights, '--project', join(place, 'project'), '--no-open'];
    return { command: process.execPath, args: [...args, '--port', '0'], env: { TWOVIEW_DATA: join(place, 'data') } };
  },
  ...(options.lightly && {
    LightlyStudio: async (place, how) => ({
      command: options.lightly,
      args: [join(HERE, 'peers/open_lightly.py'), images, `${place}.db`, '8460', how],
      env: { LIGHTLY_STUDIO_POSTHOG_KEY: '' },
      address: 'http://127.0.0.1:8460/',
    }),
  }),
  ...(options.atlas && {
    'embedding-atlas': async (place, how) => ({
      command: join(options.atlas, 'embedding-atlas'),
      args: [await atlasTable(), '--image', 'image', '--vector', 'vector', '--host', '127.0.0.1', '--port', '8461'],
      // Projections are kept in the cache of the user.
      env: { XDG_CACHE_HOME: how === 'new' ? mkdtempSync(`${place}-`) : `${place}-cache` },
      address: 'http://127.0.0.1:8461/',
    }),
  }),
};

try {
  for (const [name, start] of Object.entries(TOOLS)) {
    for (const how of ['new', 'again']) {
      const samples = [];
      for (let i = 0; i < Number(options.repeat); i++) samples.push(await measured(name, start, how));
      rows.push({ name, how, samples, load: loadavg()[0].toFixed(1) });
      console.error(`bench  ${name}, ${how}: ${samples.map((one) => one.toFixed(2)).join(', ')} s`);
    }
  }
} finally {
  await browser.close();
}
const { versions, ...about } = await machine({ peers: false });
const report = { ...about, versions, images: readdirSync(images).length, pictures: Number(options.pictures), rows };
if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 1)}\n`);
const shown = ({ samples }) =>
  `${quantile(samples, 0.5).toFixed(1)} s (${Math.min(...samples).toFixed(1)} to ${Math.max(...samples).toFixed(1)})`;
console.log(`${about.date}, ${about.cpu}, ${about.cores} cores; ${report.images} images, n = ${options.repeat}\n`);
console.log(`| command to ${options.pictures} of the pictures on the screen | new folder | again |\n|---|---|---|`);
for (const name of Object.keys(TOOLS)) {
  const [fresh, again] = ['new', 'again'].map((how) => rows.find((one) => one.name === name && one.how === how));
  console.log(`| ${name} | ${shown(fresh)} | ${shown(again)} |`);
}

/** Seconds from the start of the command until enough pictures are decoded inside of the window. */
async function measured(name, start, how) {
  const place = join(work, name.replace(/\W/g, ''));
  const { command, args, env, address } = await start(place, how);
  const began = performance.now();
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said = (said + text).slice(-4000)));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  let page;
  try {
    page = await blankPage(browser, VIEWPORT);
    await opened(page, () => address ?? /http:\S+(?=\s)/.exec(said)?.[0], child);
    await page.waitForFunction(enough, { timeout: PATIENCE, polling: 40 }, Number(options.pictures));
    return (performance.now() - began) / 1000;
  } catch (error) {
    throw new Error(`${name}: ${error.message}\n${said}`, { cause: error });
  } finally {
    await page?.close();
    stop(child, 'SIGINT');
    setTimeout(() => stop(child, 'SIGKILL'), 20_000).unref();
    await ended;
  }
}

/** With the processes that it started. */
function stop(child, signal) {
  if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, signal);
}

async function opened(page, addressNow, child) {
  for (const begun = performance.now(); performance.now() - begun < PATIENCE; ) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const address = addressNow();
    if (address !== undefined && (await page.goto(address).catch(() => null))) return;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  throw new Error('it does not answer');
}

/** Runs in the page; a logo is none of the images. */
function enough(wanted) {
  const inside = ({ top, bottom, width }) => bottom > 0 && top < innerHeight && width >= 16;
  const there = [...document.images].filter(
    (one) => one.complete && one.naturalWidth > 0 && !/svg/.test(one.src) && inside(one.getBoundingClientRect()),
  );
  return there.length >= wanted;
}

/** Made once; its time is not counted. */
async function atlasTable() {
  const table = join(work, 'images.parquet');
  if (existsSync(table)) return table;
  const features = join(work, 'features.safetensors');
  await run(process.execPath, [COMMAND, 'embed', '--data', images, '--weights', weights, '--out', features]);
  await run(join(options.atlas, 'python'), [join(HERE, 'peers/atlas_table.py'), images, features, table]);
  return table;
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`))));
  });
}
