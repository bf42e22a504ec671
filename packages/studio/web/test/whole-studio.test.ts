/**
 * @file The whole studio: the page as it is built, the real server, an encoder, in a real browser. Somebody goes through the six views
 * with a folder of red and blue pictures, and what the project holds in the end is compared.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import sharp from 'sharp';
import { pretrain } from 'twoview';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningStudio, startStudio } from '../../server/src/start.js';
import { temporaryFolder, writeFiles } from '../../server/test/photographs.js';
import { VIEWS } from '../src/views.js';
import { press, text, until } from './acts.js';
import { buildPage, openBrowser } from './browser.js';
import { randomFrom } from './fake-pictures.js';

const COUNT = 90;
const EXAM = 20;
const LABELS = 19;
const SIDE = 16;
const NETWORK = { model: 'resnet10_narrow', batchSize: 16, heldOut: 0, warmupEpochs: 0 } as const;
const root = temporaryFolder();
const isBlue = (image: number) => image % 2 === 1;
/** How much of its colour a picture has, from pale to full. */
const strength = (image: number) => 0.2 + 0.2 * ((image >> 1) % 5);
const keyOf = (image: number) => (isBlue(image) ? '2' : '1');
let browser: Browser;
let page: Page;
let running: RunningStudio;
let web: string;
const problems: string[] = [];

beforeAll(async () => {
  const random = randomFrom(3);
  for (let i = 0; i < COUNT; i++) {
    const pixels = Buffer.from(
      Array.from(
        { length: SIDE * SIDE * 3 },
        (_, k) => 60 * random() + (k % 3 === (isBlue(i) ? 2 : 0) ? 20 + 170 * strength(i) : 20),
      ),
    );
    const bytes = await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .png()
      .toBuffer();
    writeFiles(join(root, 'photographs'), { [`${String(i).padStart(3, '0')}.png`]: bytes });
  }
  const [source, weights] = [join(root, 'photographs'), join(root, 'run')];
  await pretrain({ ...NETWORK, data: source, epochs: 1, out: weights });
  web = await buildPage();
  running = await startStudio({ source, weights, web, project: join(root, 'project') });
  await running.studio.opened;
  browser = await openBrowser();
  page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 800 });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) problems.push(message.text());
  });
  await page.goto(running.address());
});
afterAll(async () => {
  await browser?.close();
  await running?.close();
  for (const folder of [root, web]) rmSync(folder, { recursive: true });
});

const go = async (view: string, letter: string) => {
  await press(page, 'g', letter);
  await until(page, 'main h1', VIEWS.find(({ id }) => id === view)!.name);
};
const current = () =>
  page
    .waitForSelector('figure [data-image]')
    .then((shown) => shown!.evaluate((image) => Number((image as HTMLElement).dataset.image)));
const nextAfter = (image: number) =>
  page.waitForFunction(
    (last) => Number(document.querySelector<HTMLElement>('figure [data-image]')?.dataset.image ?? -1) !== last,
    {},
    image,
  );
const button = (words: string) =>
  page.evaluate((label) => {
    const found = [...document.querySelectorAll('button')].find(({ textContent }) =>
      textContent?.trim().startsWith(label),
    );
    if (!found) throw new Error(`there is no button ${label}`);
    found.click();
  }, words);
const classes = () => running.studio.project.classes.all.map(({ id }) => id) as [red: number, blue: number];
/** A busy machine takes more than the second that vitest waits. */
const saved = <Value>(value: () => Value) => expect.poll(value, { timeout: 20_000 });
const given = () => running.studio.project.table.label;

test('Images: all pictures are seen, classes are added, one picture is shown large with its views', async () => {
  await page.waitForSelector('#cell-0');
  await page.click('#cell-0');
  await button('+ class');
  await page.waitForSelector('.classes input:focus');
  for (const name of ['red', 'blue']) {
    await page.keyboard.type(name);
    await page.keyboard.press('Enter'); // the next name is typed before the server has answered
  }
  for (const name of ['red', 'blue']) await until(page, '.classes', name);
  await button('Done');
  await page.focus('[role=grid]');
  await press(page, 'Enter');
  await until(page, 'dialog', '000.png');
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll<HTMLImageElement>('.views img')].filter(({ naturalWidth }) => naturalWidth === 16)
        .length === 8,
  );
  await press(page, 'Escape');
});

test('How good is it?: an exam is drawn and answered blind', async () => {
  await go('accuracy', 'a');
  const field = await page.waitForSelector('input[type=number]');
  await field!.click({ count: 3 });
  await page.keyboard.type(String(EXAM));
  await button(`Draw ${EXAM}`);
  for (let i = 0; i < EXAM; i++) {
    const image = await current();
    await press(page, keyOf(image));
    if (i < EXAM - 1) await nextAfter(image);
  }
  await saved(() => running.studio.project.exam.answers().length).toBe(EXAM);
  expect([...given()].every((label) => label < 0)).toBe(true);
});

test('Label: keys label what is asked for, and the accuracy moves with them', async () => {
  await go('label', 'l');
  for (let i = 0; i < LABELS; i++) {
    const image = await current();
    await press(page, keyOf(image));
    await nextAfter(image);
  }
  await saved(() => [...given()].filter((label) => label >= 0).length).toBe(LABELS);
  await until(page, 'header a strong', '%');
});

test('Label: a row of similar images is accepted but for those that are taken out', async () => {
  const row = 'section[aria-current=true]';
  await (await page.$$('[role=tab]'))[1]!.click();
  await page.waitForSelector(`${row} li button`);
  const proposed = (await text(page, `${row} header .button`)).startsWith('blue');
  const shown = await page.$$eval(`${row} li img`, (images) => images.map(({ alt }) => Number(alt.match(/\d+/)![0])));
  const taken = shown.filter((image) => isBlue(image) === proposed);
  const pictures = await page.$$(`${row} li button`);
  for (const [i, image] of shown.entries()) if (!taken.includes(image)) await pictures[i]!.click();
  await press(page, 'Enter');
  await saved(() => taken.every((image) => given()[image]! >= 0)).toBe(true);
  expect([...given()].filter((label) => label >= 0)).toHaveLength(LABELS + taken.length);
});

test('Map: its points are there, a lasso around all of them selects them', async () => {
  await go('map', 'm');
  await page.waitForSelector('canvas');
  await until(page, '.toolbar', 'red');
  await press(page, 'l');
  const box = (await (await page.waitForSelector('.plot > svg'))!.boundingBox())!;
  const corner = (x: number, y: number) => page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 5 });
  await corner(0.01, 0.01);
  await page.mouse.down();
  for (const [x, y] of [
    [0.99, 0.01],
    [0.99, 0.99],
    [0.01, 0.99],
  ] as const)
    await corner(x, y);
  await page.mouse.up();
  await until(page, '.foot', `${COUNT} images selected`);
  await press(page, 'Escape');
});

test('Images: what is labelled in another tab is seen in this one', async () => {
  const [red, blue] = classes();
  const { table } = running.studio.project;
  const open = [...given().keys()].filter((image) => given()[image]! < 0 && !table.has(image, 'exam'));
  const tab = await browser.newPage();
  await tab.goto(new URL(page.url()).origin);
  await tab.evaluate(
    (items) =>
      fetch('/api/labels', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ items, by: 'Grace', from: 'grid' }),
      }),
    open.map((image) => ({ image, class: isBlue(image) ? blue : red })),
  );
  await tab.close();
  await go('images', 'i');
  await page.waitForSelector(`#cell-${open[0]} .given`);
  expect([...given()].filter((label) => label >= 0)).toHaveLength(COUNT - EXAM);
});

test('Suspects: a label that is wrong is found, and fixed by one key', async () => {
  // Confident learning suspects only what is surer than the mean of its class: a picture of full colour is.
  const wrong = [...given().keys()].find((image) => given()[image]! >= 0 && strength(image) === 1)!;
  const [red, blue] = classes();
  const right = given()[wrong]!;
  await page.focus('[role=grid]');
  await press(page, 'Home');
  for (let i = 0; i < wrong; i++) await press(page, 'ArrowRight');
  await press(page, right === red ? '2' : '1');
  await saved(() => given()[wrong]).toBe(right === red ? blue : red);
  await go('suspects', 's');
  await page.waitForSelector('.pick');
  expect(await text(page, '.toolbar')).toContain('without');
  expect(await page.$eval('.pick img', (image) => image.getAttribute('alt'))).toBe(`image ${wrong}`);
  await press(page, 'f');
  await saved(() => given()[wrong]).toBe(right);
});

test('Runs: a pre-training is started from the form, and its course is on the map', async () => {
  await go('runs', 'r');
  await until(page, '.toolbar', 'Pre-train');
  await button('Pre-train');
  await page.waitForSelector('#setting-model');
  await button('All');
  for (const [name, value] of Object.entries({ ...NETWORK, epochs: 2, knnEvery: 1 })) {
    const field = (await page.waitForSelector(`#setting-${name}`))!;
    if (await field.evaluate(({ tagName }) => tagName === 'SELECT')) await field.select(String(value));
    else {
      await field.click({ count: 3 });
      await page.keyboard.type(String(value));
    }
  }
  await page.click('form .button.main');
  await page.waitForFunction(() => document.querySelector('tbody')?.textContent?.includes('finished'), {
    timeout: 60_000,
  });
  const [run] = running.studio.runs.all;
  expect(existsSync(join(root, 'project', 'runs', run!.id, 'course.jsonl'))).toBe(true);
  await go('map', 'm');
  await page.waitForSelector('[aria-label="Method of the map"]');
  await page.select('[aria-label="Method of the map"]', run!.id);
  await until(page, '.course output', 'after epoch 2');
});

test('nothing went wrong in the page, and every label is that of its picture', () => {
  expect(problems).toEqual([]);
  const [red, blue] = classes();
  given().forEach((label, image) => {
    if (label >= 0) expect([image, label]).toEqual([image, isBlue(image) ? blue : red]);
  });
});
