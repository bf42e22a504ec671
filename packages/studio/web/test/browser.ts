/** @file A real Chromium with the built page in front of the fake server, and what goes wrong in it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { build } from 'vite';
import { type FakeServer, startFakeServer } from './fake-server.js';

/** @returns folder with the page as `vite build` makes it */
export async function buildPage(): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'studio-web-'));
  const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url));
  await build({ configFile, logLevel: 'error', mode: 'production', build: { outDir } });
  return outDir;
}

export async function openBrowser(): Promise<Browser> {
  // The package unpacks the system libraries that Chromium needs (NSS) only where it believes to be on Lambda.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x';
  const { default: chromium } = await import('@sparticuz/chromium');
  // Processes of their own for page and graphics, and the rules about origins, as on people's machines.
  const lax =
    /^--(single-process|no-zygote|disable-web-security|disable-site-isolation-trials|allow-running-insecure-content)$/;
  const wanted = chromium.args.filter((arg) => !lax.test(arg));
  // Without a locale in the environment its language would be "en-US@posix", which Intl and with it uPlot refuse.
  const env = { ...process.env, LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8' };
  const args = puppeteer.defaultArgs({ args: wanted, headless: 'shell' });
  return await puppeteer.launch({ executablePath: await chromium.executablePath(), args, headless: 'shell', env });
}

export interface Opened {
  page: Page;
  server: FakeServer;
  /** Errors and warnings of the page, breaches of its Content-Security-Policy among them. */
  problems: string[];
  asked: string[];
  close: () => Promise<void>;
}

/** Opens the page at a view, and waits until its images are there. */
export async function openPage(
  browser: Browser,
  web: string,
  { images = 600, view = 'images', width = 1280, height = 800, scheme = 'light' } = {},
): Promise<Opened> {
  const server = await startFakeServer(web, images);
  // Another port is another origin, so that what one page remembers is unknown to the next.
  const page = await browser.newPage();
  const problems: string[] = [];
  const asked: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => asked.push(request.url()));
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(`${server.address}/#${view}`);
  await page
    .waitForFunction(() => document.querySelector('header strong')?.textContent === 'animals-and-vehicles', {
      timeout: 10_000,
    })
    .catch((cause) => {
      throw new Error(`the page does not start: ${problems.join('; ')}`, { cause });
    });
  return {
    page,
    server,
    problems,
    asked,
    close: async () => {
      await page.close();
      await server.close();
    },
  };
}

export const settle = (page: Page, milliseconds = 400) =>
  page.evaluate((wait) => new Promise((resolve) => setTimeout(resolve, wait)), milliseconds);
