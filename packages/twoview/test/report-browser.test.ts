/** @file The report in a real browser, as on a phone, a laptop and paper, in light and dark: every figure is there and can be read. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeReport } from '../src/report/report.js';
import { openBrowser } from './browser.js';
import { makeExperiment } from './experiment-folder.js';
import { temporaryFolder } from './pictures.js';

const FIGURES = [
  'Test accuracy by label amount',
  'Accuracy over floating-point operations',
  'Similarity of views',
  'Pre-training by epoch',
  'Maps of the representations',
  'Confusion matrices',
  'Train losses',
];

const root = temporaryFolder();
let browser: Browser;
let address: string;

beforeAll(async () => {
  makeExperiment(root);
  const pixel = await sharp({ create: { width: 32, height: 32, channels: 3, background: 'teal' } })
    .png()
    .toBuffer();
  const file = join(root, 'summary.json');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/base64,[A-Z]AAA/g, `base64,${pixel.toString('base64')}`));
  address = pathToFileURL(await writeReport(root)).href;
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  rmSync(root, { recursive: true });
});

/** A page of this width with the report, and what went wrong while it was opened. */
async function opened(width: number): Promise<{ page: Page; asked: string[]; problems: string[] }> {
  const page = await browser.newPage();
  const asked: string[] = [];
  const problems: string[] = [];
  page.on('request', (request) => asked.push(request.url().slice(0, 40)));
  page.on('console', (message) => problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.setViewport({ width, height: 900 });
  await page.goto(address);
  return { page, asked, problems };
}

/** Name and size of what is drawn in each figure. */
const figuresOf = (page: Page) =>
  page.$$eval('figure', (figures) =>
    figures.map((figure) => ({
      words: figure.querySelector('[role=img]')!.getAttribute('aria-label')!,
      drawings: [...figure.querySelectorAll('.panel svg')].map((svg) => {
        const { left, right, width, height } = svg.getBoundingClientRect();
        return { left, right, width, height };
      }),
    })),
  );

describe.each([
  ['a phone', 390],
  ['a laptop', 1280],
])('on %s', (_, width) => {
  test('every figure is on the page, inside its width, with its words', async () => {
    const { page, problems } = await opened(width);
    const figures = await figuresOf(page);
    expect(figures.map(({ words }) => FIGURES.findIndex((begin) => words.startsWith(begin)))).toEqual([
      ...FIGURES.keys(),
    ]);
    for (const { drawings } of figures) {
      expect(drawings.length).toBeGreaterThan(0);
      for (const { left, right, width: wide, height } of drawings) {
        expect(left).toBeGreaterThanOrEqual(0);
        expect(right).toBeLessThanOrEqual(width);
        expect(Math.min(wide, height)).toBeGreaterThan(100);
      }
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(problems).toEqual([]);
    await page.close();
  });
});

test('asks nothing of a network, and every picture is drawn', async () => {
  const { page, asked } = await opened(1280);
  expect(asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:image/png'))).toEqual([]);
  const pictures = await page.$$eval('img', (images) => images.map((image) => image.naturalWidth));
  expect(pictures.length).toBeGreaterThan(20);
  expect(new Set(pictures)).toEqual(new Set([32]));
  await page.close();
});

test('a screen reader finds headings, figures, tables and the formula by their names', async () => {
  const { page } = await opened(1280);
  const tree = await page.accessibility.snapshot({ interestingOnly: false });
  const found = new Map<string, string[]>();
  const walk = (node: NonNullable<typeof tree>) => {
    found.set(node.role, [...(found.get(node.role) ?? []), node.name ?? '']);
    for (const child of node.children ?? []) walk(child);
  };
  walk(tree!);
  const named = (role: string) => found.get(role)?.filter((name) => name !== '') ?? [];
  for (const begin of FIGURES) expect(named('image').filter((name) => name.startsWith(begin)).length).toBe(1);
  expect(named('heading')).toContain('Accuracy by label amount');
  expect(found.get('table')!.length).toBeGreaterThanOrEqual(7);
  expect([...found.keys()].some((role) => /^math/i.test(role))).toBe(true);
  expect(await page.$$eval('img:not([alt])', (images) => images.length)).toBe(0);
  await page.close();
});

test('the keyboard reaches the contents and whatever scrolls', async () => {
  const { page } = await opened(390);
  const wanted = await page.$$eval('nav a, .wide, summary', (elements) => elements.length);
  const reached = new Set<string>();
  for (let i = 0; i < wanted + 5; i++) {
    await page.keyboard.press('Tab');
    reached.add(
      await page.evaluate(() => {
        const all = [...document.querySelectorAll('nav a, .wide, summary')];
        return String(all.indexOf(document.activeElement!));
      }),
    );
  }
  expect([...reached].filter((index) => index !== '-1').length).toBe(wanted);
  await page.close();
});

describe.each(['light', 'dark'])('in %s', (scheme) => {
  test('text stands out from what is behind it, by the 4.5 of WCAG 2 at least', async () => {
    const { page } = await opened(1280);
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    const texts = await page.$$eval('p, td, th, li, small, figcaption, caption, figure svg text', (elements) => {
      const behind = (element: Element | null): string => {
        if (element === null) return 'rgb(255, 255, 255)';
        const colour = getComputedStyle(element).backgroundColor;
        return colour === 'rgba(0, 0, 0, 0)' ? behind(element.parentElement) : colour;
      };
      return elements.map((element) => {
        const style = getComputedStyle(element);
        return [element instanceof SVGElement ? style.fill : style.color, behind(element)] as const;
      });
    });
    expect(texts.length).toBeGreaterThan(200);
    const worst = [...new Set(texts.map(([ink, paper]) => `${ink} on ${paper}`))].map((pair) => {
      const [ink, paper] = pair.split(' on ').map(luminance) as [number, number];
      return { pair, contrast: (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05) };
    });
    expect(worst.filter(({ contrast }) => contrast < 4.5)).toEqual([]);
    await page.close();
  });
});

/** Of a colour as the browser writes it: WCAG 2, relative luminance. */
function luminance(colour: string): number {
  const [r, g, b] = colour.match(/[\d.]+/g)!.map((value) => {
    const share = Number(value) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

test('on paper: black on white, within the page, every figure', async () => {
  const A4 = 794; // pixels at 96 to the inch
  const { page } = await opened(A4);
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
  await page.emulateMediaType('print');
  const [ink, paper, scroll] = await page.evaluate(() => {
    const { color, backgroundColor } = getComputedStyle(document.body);
    return [color, backgroundColor, document.documentElement.scrollWidth] as const;
  });
  expect([ink, paper]).toEqual(['rgb(0, 0, 0)', 'rgb(255, 255, 255)']);
  expect(scroll).toBeLessThanOrEqual(A4);
  for (const { drawings } of await figuresOf(page)) {
    for (const { right, width } of drawings) expect([right <= A4, width > 100]).toEqual([true, true]);
  }
  const pdf = Buffer.from(await page.pdf({ format: 'A4' }));
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  await page.close();
});
