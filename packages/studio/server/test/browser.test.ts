/** @file A page on another port, in a real browser that is signed in to the studio: it can read nothing and change nothing. */
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningStudio } from '../src/start.js';
import { openStudio } from './client.js';
import { openGuardedBrowser } from './guarded-browser.js';
import { flatFolder, temporaryFolder, writeFiles } from './photographs.js';

const root = temporaryFolder();
let browser: Browser;
let running: RunningStudio;
let elsewhere: Server;
let own: string;

beforeAll(async () => {
  await flatFolder(join(root, 'photographs'), 4, 16);
  writeFiles(join(root, 'web'), {
    'index.html': '<!doctype html><title>studio</title><script>document.title = "inline"</script>',
  });
  ({ running } = await openStudio({
    source: join(root, 'photographs'),
    project: join(root, 'project'),
    web: join(root, 'web'),
  }));
  await running.studio.source.listed;
  elsewhere = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>elsewhere</title>'),
  );
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  own = `http://127.0.0.1:${running.port}`;
  browser = await openGuardedBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  elsewhere?.close();
  await running?.close();
  rmSync(root, { recursive: true });
});

async function signedIn(): Promise<Page> {
  const page = await browser.newPage();
  const answer = await page.goto(running.address());
  expect([answer!.status(), page.url()]).toEqual([200, `${own}/`]); // the token is gone from the address
  return page;
}
const other = async (): Promise<Page> => {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`);
  return page;
};

test('the page of the studio itself reads and writes; no script inside of it runs, and scripts cannot see the cookie', async () => {
  const page = await signedIn();
  expect(await page.title()).toBe('studio');
  const seen = await page.evaluate(async () => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ add: { name: 'cat' } });
    const [state, write] = await Promise.all([
      fetch('/api/state'),
      fetch('/api/classes', { method: 'POST', headers, body }),
    ]);
    return {
      statuses: [state.status, write.status],
      cookie: document.cookie,
      referrer: document.referrer.replace(location.origin, ''),
    };
  });
  expect(seen).toEqual({ statuses: [200, 200], cookie: '', referrer: '' });
  const made = page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "made"';
    document.head.append(script);
    return document.title;
  });
  expect(await made).toBe('studio');
  await page.close();
});

test('a page on another port of the same machine, where the browser has the cookie, reads nothing', async () => {
  const mine = await signedIn();
  const page = await other();
  const read = await page.evaluate(async (address) => {
    const paths = ['/api/state', '/api/images', '/api/labels.csv', '/thumb/0', '/'];
    const modes: RequestInit[] = [{ credentials: 'include' }, { credentials: 'include', mode: 'no-cors' }];
    const answers = paths.flatMap((path) =>
      modes.map((mode) =>
        fetch(address + path, mode).then(
          (answer) => answer.text(),
          () => '',
        ),
      ),
    );
    return (await Promise.all(answers)).join('');
  }, own);
  expect(read).toBe('');
  const loaded = await page.evaluate(async (address) => {
    const load = (tag: 'img' | 'script' | 'iframe', path: string) =>
      new Promise<string>((resolve) => {
        const element = document.createElement(tag);
        element.onload = () =>
          resolve(tag === 'iframe' && (element as HTMLIFrameElement).contentDocument === null ? 'closed' : 'loaded');
        element.onerror = () => resolve('error');
        element.src = address + path;
        document.body.append(element);
      });
    const events = new Promise<string>((resolve) => {
      const source = new EventSource(`${address}/api/events`, { withCredentials: true });
      source.onopen = () => resolve('open');
      source.onerror = () => resolve('error');
    });
    return await Promise.all([load('img', '/thumb/0'), load('script', '/api/state'), load('iframe', '/'), events]);
  }, own);
  expect(loaded).toEqual(['error', 'error', 'closed', 'error']);
  await Promise.all([page.close(), mine.close()]);
});

test('nor does it change anything, by a script or by a form', async () => {
  const mine = await signedIn();
  const page = await other();
  const before = running.studio.project.classes.all.length;
  await page.evaluate(async (address) => {
    const body = JSON.stringify({ add: { name: 'planted' } });
    const types = ['application/json', 'text/plain'];
    await Promise.allSettled(
      types.flatMap((type) =>
        (['cors', 'no-cors'] as const).map((mode) =>
          fetch(`${address}/api/classes`, {
            method: 'POST',
            credentials: 'include',
            mode,
            headers: { 'content-type': type },
            body,
          }),
        ),
      ),
    );
    navigator.sendBeacon(`${address}/api/classes`, body);
    const form = document.createElement('form');
    form.method = 'post';
    form.enctype = 'text/plain';
    form.action = `${address}/api/classes`;
    const field = document.createElement('input');
    field.name = '{"add":{"name":"planted"},"x":"';
    field.value = '"}';
    form.append(field);
    document.body.append(form);
    form.submit();
  }, own);
  await page.waitForNavigation().catch(() => {});
  expect(running.studio.project.classes.all).toHaveLength(before);
  await Promise.all([page.close(), mine.close()]);
});
