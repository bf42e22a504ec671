/** @file Images and Map in a real browser, used by keys and pointer as people do; what the server was told is compared. */
import { describe, expect, test } from 'vitest';
import { at, labels, opened, press, until, withBrowser } from './acts.js';
import { settle } from './browser.js';

withBrowser();

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

  test('the tenth class has a letter', async () => {
    await opened.page.waitForSelector('#cell-0');
    await opened.page.click('#cell-0');
    await press(opened.page, 'q');
    await until(opened.page, '#cell-0 .given', 'truck');
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

  test('the course of a training can be moved through, plays to its end, and has the newest map when there is one', async () => {
    const { page, server } = opened;
    await page.waitForSelector('canvas');
    await page.select('[aria-label="Method of the map"]', 'run-2');
    await until(page, '.course output', 'after epoch 20');
    await page.focus('.course input');
    await press(page, 'Home');
    await until(page, '.course output', 'before the first epoch');
    await page.click('.course button');
    await until(page, '.course output', 'after epoch 10');
    await until(page, '.course output', 'after epoch 20');
    await until(page, '.course button', 'Play');
    server.world.epochs.push(25);
    server.send({ type: 'map', method: 'pca', settled: false, run: 'run-2' });
    await until(page, '.course output', 'after epoch 25');
    await page.select('[aria-label="Method of the map"]', 'pca');
    await page.waitForFunction(() => document.querySelector('.course') === null);
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
