/** @file A real Chromium from npm, so that the tests need nothing that is installed elsewhere. */
import puppeteer, { type Browser } from 'puppeteer-core';

export async function openBrowser(): Promise<Browser> {
  // The package unpacks the system libraries that Chromium needs (NSS) only where it believes to be on Lambda.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x';
  const { default: chromium } = await import('@sparticuz/chromium');
  const args = puppeteer.defaultArgs({ args: chromium.args, headless: 'shell' });
  return await puppeteer.launch({ executablePath: await chromium.executablePath(), args, headless: 'shell' });
}
