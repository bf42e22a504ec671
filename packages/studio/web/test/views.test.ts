/** @file Each view in a real browser, used by keys and pointer as people do; what the server was told is compared. */
import { rmSync } from 'node:fs';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FLAGS, type LabelRequest } from '../src/api/types.js';
import { buildPage, type Opened, openBrowser, openPage, settle } from './browser.js';

let browser: Browser;
let web: string;
let opened: Opened;

beforeAll(async () => {
  web = await buildPage();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(web, { recursive: true });
});

const at = (view: string, options = {}) => {
  beforeEach(async () => {
    opened = await openPage(browser, web, { view, ...options });
  });
  afterEach(async () => {
    await opened.close();
    expect(opened.problems).toEqual([]);
    expect(opened.asked.filter((url) => !url.startsWith(opened.server.address))).toEqual([]);
  });
};
const text = (page: Page, selector: string) =>
  page.$eval(selector, (element) => element.textContent!.replace(/\s+/g, ' ').trim());
const until = (page: Page, selector: string, words: string) =>
  page.waitForFunction(
    (s, w) => document.querySelector(s)?.textContent?.replace(/\s+/g, ' ').includes(w),
    { timeout: 5000 },
    selector,
    words,
  );
const labels = () =>
  opened.server.posts.filter(({ path }) => path === '/api/labels').map(({ body }) => body as LabelRequest);
const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key as 'Enter');
};

describe('Images', () => {
  at('images', { images: 50_000 });

  test('of 50,000 images only those on screen are in the document, and End leads to the last', async () => {
    const { page } = opened;
    await page.waitForSelector('[role=gridcell]');
    expect(await page.$$eval('[role=gridcell]', (cells) => cells.length)).toBeLessThan(200);
    await page.focus('[role=grid]');
    await press(page, 'End');
    await page.waitForSelector('#cell-49999');
    expect(await page.$eval('[role=grid]', (grid) => grid.getAttribute('aria-activedescendant'))).toBe('cell-49999');
    expect(await page.$$eval('[role=gridcell]', (cells) => cells.length)).toBeLessThan(200);
  });

  test('a class key labels the selection, which the server has, and undo takes it back', async () => {
    const { page, server } = opened;
    await page.waitForSelector('#cell-0');
    await page.focus('[role=grid]');
    await page.keyboard.down('Shift');
    await press(page, 'ArrowRight', 'ArrowRight');
    await page.keyboard.up('Shift');
    await press(page, '3');
    await until(page, '#cell-2 .given', 'bird');
    await until(page, '.saving', 'saved');
    expect(labels()).toEqual([{ items: [0, 1, 2].map((image) => ({ image, class: 2 })), by: 'me', from: 'grid' }]);
    await press(page, 'u');
    await page.waitForFunction(() => !document.querySelector('#cell-1 .given'), { timeout: 5000 });
    expect(server.world.columns.label[1]).toBe(-1);
  });

  test('a label that the server refuses goes back, and is said', async () => {
    const { page, server } = opened;
    server.refuse.set('/api/labels', {
      status: 500,
      code: 'WORKER_FAILED',
      what: 'The disk is full.',
      next: 'Free some space.',
    });
    await page.waitForSelector('#cell-0');
    await page.click('#cell-0');
    await press(page, '1');
    await until(page, '[role=log]', 'The disk is full.');
    expect(await page.$('#cell-0 .given')).toBeNull();
    expect(opened.problems.splice(0).every((words) => words.includes('status of 500'))).toBe(true);
  });

  test('a filter shows what it names, and an empty one says so', async () => {
    const { page } = opened;
    await page.select('[aria-label="What is odd"]', 'plain');
    await until(page, '.count', `${Math.ceil(50_000 / 211)} of 50,000`);
    await page.select('[aria-label=Label]', '4');
    await until(page, '.empty', 'No image passes this filter');
  });

  test('a file name that is markup is text', async () => {
    const { page } = opened;
    await page.evaluate(() => {
      const button = [...document.querySelectorAll('button')].find((known) =>
        known.textContent?.includes('ignored file'),
      );
      button?.click();
    });
    await until(page, 'td', 'broken/IMG_0001.jpg');
    expect(await page.$$eval('td', (cells) => cells.map((cell) => cell.textContent))).toContain(
      '<img src=x onerror=alert(1)>.svg',
    );
    expect(await page.$('td img')).toBeNull();
  });

  test('Enter shows an image large, where keys label it, and Escape closes', async () => {
    const { page } = opened;
    await page.waitForSelector('#cell-0');
    await page.focus('[role=grid]');
    await press(page, 'ArrowRight', 'Enter');
    await until(page, 'dialog', 'DSC_00001.jpg');
    await press(page, '2', 'ArrowRight');
    await until(page, 'dialog h2', 'Image 2');
    await press(page, 'Escape');
    await page.waitForFunction(() => !document.querySelector('dialog'));
    expect(labels()).toEqual([{ items: [{ image: 1, class: 1 }], by: 'me', from: 'grid' }]);
  });

  test("another tab's labels arrive by an event", async () => {
    const { page, server } = opened;
    await page.waitForSelector('#cell-5');
    server.world.label([{ image: 5, class: 8 }], 'Grace', 'grid');
    server.send({ type: 'labels', revision: 1, classes: server.world.classInfo, images: [5], by: 'Grace' });
    await until(page, '#cell-5 .given', 'ship');
  });
});

describe('Map', () => {
  at('map', { images: 3000 });

  test('a lasso selects the points inside it, and a key labels them', async () => {
    const { page, server } = opened;
    await page.waitForSelector('canvas');
    await settle(page, 1500);
    await press(page, 'l');
    const box = (await (await page.waitForSelector('.plot > svg'))!.boundingBox())!;
    // The right half: all points with x above the middle.
    const corners = [
      [0.5, 0.01],
      [0.99, 0.01],
      [0.99, 0.99],
      [0.5, 0.99],
    ].map(([x, y]) => [box.x + x! * box.width, box.y + y! * box.height] as const);
    await page.mouse.move(...corners[0]!);
    await page.mouse.down();
    for (const corner of corners) await page.mouse.move(...corner, { steps: 6 });
    await page.mouse.up();
    await until(page, '.foot', 'selected');
    const { positions } = server.world;
    const xs = [...positions.filter((_, i) => i % 2 === 0)];
    const middle = (Math.min(...xs) + Math.max(...xs)) / 2;
    const expected = new Set(xs.flatMap((x, id) => (x > middle ? [id] : [])));
    await press(page, '4');
    await until(page, '.saving', 'saved');
    const given = labels().flatMap(({ items }) => items);
    const wrong =
      given.filter(({ image }) => !expected.has(image)).length +
      expected.size -
      given.filter(({ image }) => expected.has(image)).length;
    // A pixel at the border is about 0.01 in the map's space.
    expect(wrong).toBeLessThan(20);
    expect(given.length).toBeGreaterThan(1000);
  });

  test('the points are drawn in colours', async () => {
    const { page } = opened;
    await settle(page, 1500);
    const canvas = await page.$('canvas');
    const { default: sharp } = await import('sharp');
    const { data, info } = await sharp(await canvas!.screenshot())
      .raw()
      .toBuffer({ resolveWithObject: true });
    const colours = new Set<string>();
    for (let i = 0; i < data.length; i += info.channels) {
      const [r, g, b] = [data[i]!, data[i + 1]!, data[i + 2]!];
      if (Math.max(r, g, b) - Math.min(r, g, b) > 60) colours.add([r >> 6, g >> 6, b >> 6].join());
    }
    expect(colours.size).toBeGreaterThan(5);
  });
});

describe('Label', () => {
  at('label');

  test('keys label one image after the other, in order, and skip goes on without', async () => {
    const { page } = opened;
    await page.waitForSelector('figure [data-image]');
    const current = () => page.$eval('figure [data-image]', (image) => Number((image as HTMLElement).dataset.image));
    const seen: number[] = [];
    for (const key of ['1', 's', '2']) {
      seen.push(await current());
      await press(page, key);
      await page.waitForFunction(
        (last) => Number(document.querySelector<HTMLElement>('figure [data-image]')?.dataset.image) !== last,
        {},
        seen.at(-1)!,
      );
    }
    await until(page, '.saving', 'saved');
    await settle(page, 200);
    expect(labels().map(({ items, from }) => [items[0]!.image, items[0]!.class, from])).toEqual([
      [seen[0], 0, 'next'],
      [seen[2], 1, 'next'],
    ]);
    await press(page, 'u');
    await page.waitForFunction(
      (back) => Number(document.querySelector<HTMLElement>('figure [data-image]')?.dataset.image) === back,
      {},
      seen[2]!,
    );
  });

  test('the counts of classes move with each label', async () => {
    const { page } = opened;
    await page.waitForSelector('figure [data-image]');
    await press(page, '5');
    await until(page, '.classes', 'deer 1 labelled');
  });

  test('a row is accepted but for the images that were taken out', async () => {
    const { page } = opened;
    await page.waitForSelector('[role=tab]');
    await (await page.$$('[role=tab]'))[1]!.click();
    await page.waitForSelector('section[aria-current=true] li button');
    const first = await page.$$eval('section[aria-current=true] li img', (images) =>
      images.map((image) => Number(image.alt.match(/\d+/)![0])),
    );
    const pictures = await page.$$('section[aria-current=true] li button');
    await pictures[1]!.click();
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    const proposed = await text(page, 'section[aria-current=true] header .button');
    await press(page, 'Enter');
    await until(page, '.saving', 'saved');
    const [sent] = labels();
    expect(sent!.from).toBe('clusters');
    expect(sent!.items.map(({ image }) => image)).toEqual(first.filter((_, i) => i !== 1));
    expect(proposed).toContain(`accept ${first.length - 1}`);
  });
});

describe('How good is it?', () => {
  at('accuracy', { images: 1200 });

  test('an exam is drawn, answered blind, and gives the number in every view', async () => {
    const { page, server } = opened;
    await until(page, '.button.main', 'Draw');
    await page.evaluate(() => document.querySelector<HTMLInputElement>('input[type=radio]')!.click());
    await until(page, '.button.main', 'Draw 50 images');
    await page.click('.button.main');
    await page.waitForSelector('figure [data-image]');
    expect(server.world.exam.size).toBe(50);
    expect(await text(page, 'main')).not.toMatch(/predict|%/i);
    for (let i = 0; i < 25; i++) {
      const image = await page.$eval('figure [data-image]', (shown) => Number((shown as HTMLElement).dataset.image));
      // The tenth class has no key.
      const label = Math.min(8, server.world.truth[image]!);
      await press(page, String(label + 1));
      await page.waitForFunction(
        (last) => Number(document.querySelector<HTMLElement>('figure [data-image]')?.dataset.image) !== last,
        {},
        image,
      );
    }
    await press(page, 'Escape');
    await until(page, '.number', '%');
    const known = server.world.summary()!;
    expect(known.n).toBe(25);
    expect(await text(page, '.number strong')).toBe(`${(100 * known.accuracy).toFixed(1)} %`);
    expect(await text(page, 'header a strong')).toBe(`${(100 * known.accuracy).toFixed(1)} %`);
    expect(await text(page, '.note.warn')).toContain('Only 25 exam images');
    // Labels of exam images went nowhere else.
    expect(labels()).toEqual([]);
  });

  test('images of the exam cannot be labelled elsewhere, and nothing is suggested for them', async () => {
    const { page, server } = opened;
    server.world.drawExam(40);
    await page.goto(`${server.address}/#images`);
    await page.reload();
    const [id] = server.world.exam.keys();
    await page.select('[aria-label="What is odd"]', 'exam');
    await page.waitForSelector(`#cell-${id}`);
    expect(server.world.columns.flags[id!]! & FLAGS.exam).toBe(FLAGS.exam);
    expect(await page.$(`#cell-${id} .tag`)).toBeNull();
    await page.click(`#cell-${id}`);
    await press(page, '1');
    await until(page, '[role=log]', 'of the exam left out');
    expect(labels()).toEqual([]);
  });
});

describe('Suspects', () => {
  at('suspects');

  test('f takes the suggestion, k keeps, d drops, in the order of the list', async () => {
    const { page, server } = opened;
    const wrong = [2, 12, 22].map((image) => ({ image, class: (server.world.columns.predicted[image]! + 1) % 10 }));
    server.world.label(wrong, 'Ada', 'grid');
    await page.reload();
    await page.waitForSelector('.pick');
    await press(page, 'f', 'k', 'd');
    await until(page, 'ol', 'label dropped');
    await settle(page, 300);
    expect(labels().map(({ items, from }) => [items[0], from])).toEqual([
      [{ image: 2, class: server.world.columns.predicted[2] }, 'suspects'],
      [wrong[1], 'suspects'],
      [{ image: 22, class: null }, 'suspects'],
    ]);
  });

  test('twins across parts can be seen alone', async () => {
    const { page } = opened;
    await page.waitForSelector('[role=tab]');
    await (await page.$$('[role=tab]'))[1]!.click();
    await page.waitForSelector('li small');
    const all = (await page.$$('li')).length;
    await page.click('input[type=checkbox]');
    await settle(page, 100);
    expect((await page.$$('main .scroll > li')).length).toBeLessThan(all);
  });
});

describe('Runs', () => {
  at('runs');

  test('a run is started with what was changed in its form', async () => {
    const { page, server } = opened;
    await until(page, '.toolbar', 'Pre-train');
    await page.click('.toolbar .button');
    const field = await page.waitForSelector('#setting-epochs');
    await field!.click({ count: 3 });
    await page.keyboard.type('zero');
    await until(page, 'form', '1 to correct');
    await field!.click({ count: 3 });
    await page.keyboard.type('20');
    await page.click('form .button.main');
    await until(page, 'table', 'run-3');
    expect(server.posts).toEqual([{ path: '/api/runs', body: { command: 'pretrain', settings: { epochs: 20 } } }]);
  });

  test('a run is paused, and its progress is shown as it comes', async () => {
    const { page, server } = opened;
    await until(page, 'table', 'run-2');
    await page.evaluate(() =>
      [...document.querySelectorAll('button')].find((button) => button.textContent === 'Pause')?.click(),
    );
    await until(page, 'tbody', 'paused');
    server.send({
      type: 'progress',
      run: 'run-2',
      at: { epoch: 77, epochs: 100, step: 15_000, steps: 19_500, imagesPerSecond: 801, etaSeconds: 300 },
      loss: 3.25,
    });
    await until(page, 'tbody', '77 / 100');
    await until(page, 'figure', '3.25');
  });

  test('a report is shown in a frame that may run nothing', async () => {
    const { page } = opened;
    await until(page, 'table', 'run-1');
    await page.evaluate(() =>
      [...document.querySelectorAll('button')].find((button) => button.textContent === 'Report')?.click(),
    );
    const frame = await page.waitForSelector('iframe');
    expect(await frame!.evaluate((element) => element.getAttribute('sandbox'))).toBe('');
    const inside = await frame!.contentFrame();
    await inside.waitForSelector('h1');
    expect(await inside.$eval('h1', (title) => title.textContent)).toBe('Report of run-1');
  });
});
