/** @file What the tests of the views share: a page at a view, opened and closed around each test, and what people do in it. */
import { rmSync } from 'node:fs';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { LabelRequest } from '../src/api/types.js';
import { buildPage, type Opened, openBrowser, openPage } from './browser.js';

let browser: Browser;
let web: string;

/** The page of the test that runs. */
export let opened: Opened;

/** Once in a file. */
export function withBrowser(): void {
  beforeAll(async () => {
    web = await buildPage();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(web, { recursive: true });
  });
}

/** Around each test; nothing may go wrong in the page, and nothing be asked of another address. */
export const at = (view: string, options = {}) => {
  beforeEach(async () => {
    opened = await openPage(browser, web, { view, ...options });
  });
  afterEach(async () => {
    await opened.close();
    expect(opened.problems).toEqual([]);
    expect(opened.asked.filter((url) => !url.replace('blob:', '').startsWith(opened.server.address))).toEqual([]);
  });
};
export const text = (page: Page, selector: string) =>
  page.$eval(selector, (element) => element.textContent!.replace(/\s+/g, ' ').trim());
export const until = (page: Page, selector: string, words: string) =>
  page.waitForFunction(
    (s, w) => document.querySelector(s)?.textContent?.replace(/\s+/g, ' ').includes(w),
    // The server saves each label to the disk, which may be busy for seconds.
    { timeout: 20_000 },
    selector,
    words,
  );
export const labels = () =>
  opened.server.posts.filter(({ path }) => path === '/api/labels').map(({ body }) => body as LabelRequest);
export const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key as 'Enter');
};
