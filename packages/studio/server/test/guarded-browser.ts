/** @file Chromium with the rules that people's browsers have: the package's own flags are for a machine without users, and lift them. */
import puppeteer, { type Browser } from 'puppeteer-core';

const LIFTED =
  /^--(disable-web-security|disable-site-isolation-trials|allow-running-insecure-content|no-zygote|single-process|disable-features.*)/;

export async function openGuardedBrowser(): Promise<Browser> {
  // The package unpacks the system libraries that Chromium needs (NSS) only where it believes to be on Lambda.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x';
  const { default: chromium } = await import('@sparticuz/chromium');
  const args = puppeteer.defaultArgs({ args: chromium.args, headless: 'shell' }).filter((flag) => !LIFTED.test(flag));
  return await puppeteer.launch({
    executablePath: await chromium.executablePath(),
    args,
    headless: 'shell',
    ignoreDefaultArgs: true,
  });
}
