/** @file A headless Chromium that obeys the rules of people's browsers and draws in software, and pages of the studio in it. */
import puppeteer from 'puppeteer-core';

const LIFTED =
  /^--(single-process|no-zygote|disable-web-security|disable-site-isolation-trials|allow-running-insecure-content)$/;

export async function openBrowser() {
  // The package unpacks the system libraries that Chromium needs (NSS) only where it believes to be on Lambda.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x';
  const { default: chromium } = await import('@sparticuz/chromium');
  const args = puppeteer.defaultArgs({ args: chromium.args.filter((arg) => !LIFTED.test(arg)), headless: 'shell' });
  // Without a locale in the environment its language would be "en-US@posix", which Intl and with it uPlot refuse.
  const env = { ...process.env, LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8' };
  return await puppeteer.launch({ executablePath: await chromium.executablePath(), args, headless: 'shell', env });
}

/**
 * A page that is signed in, at a view.
 *
 * @param {string} view images, map, label, ...
 */
export async function openPage(browser, server, view) {
  const { cookie } = await server.client();
  const page = await blankPage(browser, { width: 1280, height: 800 });
  await page.browserContext().setCookie({
    ...cookie,
    ...{ domain: '127.0.0.1', path: '/', httpOnly: true, sameSite: 'Strict' },
  });
  await page.goto(`${server.origin}/#${view}`);
  await page.waitForFunction(() => /[1-9]/.test(document.querySelector('header .soft')?.textContent ?? ''));
  return page;
}

/** In a context of its own, which remembers nothing of other pages. */
export async function blankPage(browser, viewport) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport(viewport);
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error)));
  await page.evaluateOnNewDocument(() => performance.setResourceTimingBufferSize(1_000_000));
  return page;
}
