/** @file What everybody can reach: narrow pages, contrast, names for screen readers, the keyboard, light and dark. */
import { rmSync } from 'node:fs';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VIEWS } from '../src/views.js';
import { buildPage, type Opened, openBrowser, openPage, settle } from './browser.js';

let browser: Browser;
let web: string;

beforeAll(async () => {
  web = await buildPage();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(web, { recursive: true });
});

/** With labels and an exam, so that every view has something to show. */
async function used(options: Parameters<typeof openPage>[2]): Promise<Opened> {
  const opened = await openPage(browser, web, options);
  const { world } = opened.server;
  world.label(
    [...world.truth.keys()]
      .filter((id) => id % 6 !== 5 && id % 9 === 0)
      .map((image) => ({ image, class: world.truth[image]! })),
    'Ada',
    'grid',
  );
  world.drawExam(60);
  for (const id of world.exam.keys()) world.exam.set(id, world.truth[id]!);
  await opened.page.reload();
  await settle(opened.page, 1200);
  return opened;
}

/** Texts whose contrast with what is behind them is below the 4.5 of WCAG 2; pictures behind a text do not count. */
const pale = (page: Page) =>
  page.evaluate(() => {
    const channels = (colour: string) => {
      const context = document.createElement('canvas').getContext('2d')!;
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data] as [number, number, number, number];
    };
    const behind = (element: Element | null): string => {
      if (element === null) return getComputedStyle(document.body).backgroundColor;
      const colour = getComputedStyle(element).backgroundColor;
      return channels(colour)[3] < 250 ? behind(element.parentElement) : colour;
    };
    const light = (colour: string) => {
      const [r, g, b] = channels(colour).map((c) =>
        c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    return [
      ...document.querySelectorAll(
        'p, td, th, small, span, a, button, label, h1, h2, h3, li, dt, dd, kbd, strong, text',
      ),
    ]
      .filter((element) =>
        [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent!.trim() !== ''),
      )
      .filter((element) => element.closest('[role=gridcell], :disabled, .sr, .skip, td[style]') === null)
      .flatMap((element) => {
        const style = getComputedStyle(element);
        const [a, b] = [light(element instanceof SVGElement ? style.fill : style.color), light(behind(element))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        return contrast < 4.5
          ? [`${element.tagName} "${element.textContent!.trim().slice(0, 30)}" ${contrast.toFixed(2)}`]
          : [];
      });
  });

describe.each(['light', 'dark'])('in %s', (scheme) => {
  test.each(VIEWS.map(({ id }) => id))('the texts of %s stand out', async (view) => {
    const { page, problems, close } = await used({ view, scheme });
    expect(await pale(page)).toEqual([]);
    await close();
    expect(problems).toEqual([]);
  });
});

test.each(VIEWS.map(({ id }) => id))('%s fits a phone', async (view) => {
  const { page, close } = await used({ view, width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  const outside = await page.$$eval('button, a, select, input', (elements) =>
    elements
      .filter(
        (element) =>
          element.closest('.wide, .strip, .sr, .skip, [role=grid]') === null && element.getClientRects().length > 0,
      )
      .filter((element) => !element.classList.contains('sr'))
      .flatMap((element) => {
        const { left, right } = element.getBoundingClientRect();
        return left < -1 || right > 391 ? [`${element.outerHTML.slice(0, 80)} ${left}..${right}`] : [];
      }),
  );
  expect(outside).toEqual([]);
  await close();
});

test.each(VIEWS.map(({ id }) => id))('everything that can be pressed in %s has a name', async (view) => {
  const { page, close } = await used({ view });
  const tree = await page.accessibility.snapshot({ interestingOnly: true });
  const nameless: string[] = [];
  const walk = (node: NonNullable<typeof tree>) => {
    if (
      ['button', 'link', 'combobox', 'textbox', 'checkbox', 'radio', 'slider', 'tab'].includes(node.role) &&
      !node.name
    )
      nameless.push(JSON.stringify(node));
    for (const child of node.children ?? []) walk(child);
  };
  walk(tree!);
  expect(nameless).toEqual([]);
  expect(await page.$$eval('img:not([alt])', (images) => images.length)).toBe(0);
  expect(await page.$$eval('h1', (titles) => titles.length)).toBe(1);
  await close();
});

test('g and a letter lead to each view, ? lists the keys, and the switch makes it dark', async () => {
  const { page, close } = await used({});
  for (const { key, id } of VIEWS) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await page.waitForFunction((hash) => location.hash === `#${hash}`, { timeout: 2000 }, id);
  }
  await page.keyboard.type('?');
  await page.waitForSelector('dialog dl');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog'));
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const before = await ground();
  await page.select('#theme', 'dark');
  expect(await ground()).not.toBe(before);
  await page.reload();
  await settle(page);
  expect(await ground()).not.toBe(before);
  await close();
});
