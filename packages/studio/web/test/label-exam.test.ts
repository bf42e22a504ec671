/** @file Label and How good is it? in a real browser, used by keys and pointer as people do; what the server was told is compared. */
import { describe, expect, test } from 'vitest';
import { FLAGS } from '../src/api/types.js';
import { at, labels, opened, press, text, until, withBrowser } from './acts.js';
import { settle } from './browser.js';

withBrowser();

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
