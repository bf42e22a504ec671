/** @file Suspects and Runs in a real browser, used by keys and pointer as people do; what the server was told is compared. */
import { describe, expect, test } from 'vitest';
import { at, labels, opened, press, until, withBrowser } from './acts.js';
import { settle } from './browser.js';

withBrowser();

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
    await until(page, 'table', 'run-4');
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

  test('the encoder of a run that has ended is used when that is asked for', async () => {
    const { page, server } = opened;
    await until(page, 'table', 'run-0');
    const buttons = await page.$$eval('tbody tr', (rows) =>
      rows.map((row) => [row.querySelector('strong')!.textContent, /Use its encoder/.test(row.textContent)]),
    );
    expect(buttons).toEqual([
      ['run-2', false],
      ['run-1', false],
      ['run-0', true],
    ]);
    await page.evaluate(() =>
      [...document.querySelectorAll('button')].find((button) => button.textContent === 'Use its encoder')?.click(),
    );
    await expect.poll(() => server.posts).toEqual([{ path: '/api/runs/run-0/use', body: {} }]);
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
