/** @file Pictures of every view, as they stand in docs/studio.md: for people to look at, into the folder STUDIO_SCREENSHOTS. */
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPage, openBrowser, openPage, settle } from './browser.js';
import { randomFrom } from './fake-pictures.js';
import type { FakeWorld } from './fake-world.js';

const folder = process.env.STUDIO_SCREENSHOTS ?? join(tmpdir(), 'studio-screenshots');
const SCREENS = [
  ['light', 1280, 800, 'light'],
  ['dark', 1280, 800, 'dark'],
  ['phone', 390, 844, 'light'],
] as const;
let browser: Browser;
let web: string;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  web = await buildPage();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(web, { recursive: true });
});

/** Some labels, a few of them wrong, and an exam that is mostly answered. */
function used(world: FakeWorld): void {
  const random = randomFrom(3);
  const train = [...world.truth.keys()].filter((id) => world.columns.part[id] === 0 && id % 7 === 0).slice(0, 240);
  const labelled = (image: number) => (random() < 0.03 ? (world.truth[image]! + 1) % 10 : world.truth[image]!);
  world.label(
    train.map((image) => ({ image, class: labelled(image) })),
    'Ada',
    'next',
  );
  world.drawExam(200);
  for (const [i, id] of [...world.exam.keys()].entries()) if (i < 170) world.exam.set(id, world.truth[id]!);
}

test.each(SCREENS)('every view in %s', async (name, width, height, scheme) => {
  const { page, server, problems, close } = await openPage(browser, web, { images: 5000, width, height, scheme });
  used(server.world);
  await page.reload();
  const shoot = async (view: string, before?: () => Promise<unknown>) => {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, view);
    await settle(page, 700);
    await before?.();
    await settle(page, 500);
    const suffix = before ? `-${before.name}` : '';
    await page.screenshot({ path: join(folder, `${view}${suffix}-${name}.png`) });
  };
  await shoot('images');
  await shoot('images', async function chosen() {
    await page.focus('[role=grid]');
    for (const key of ['ArrowDown', 'ArrowRight'] as const) await page.keyboard.press(key);
  });
  await shoot('images', async function large() {
    await page.keyboard.press('Enter');
  });
  await page.keyboard.press('Escape');
  await shoot('map');
  await shoot('label');
  for (const [i, way] of ['rows', 'similar'].entries()) {
    const act = async () => {
      const tabs = await page.$$('[role=tab]');
      await tabs[i + 1]!.click();
    };
    Object.defineProperty(act, 'name', { value: way });
    await shoot('label', act);
  }
  await shoot('accuracy');
  await shoot('suspects');
  await shoot('runs');
  await shoot('runs', async function form() {
    await page.click('.toolbar .button');
  });
  expect(problems).toEqual([]);
  await close();
});
