/** @file Events: in one order, resumed after a break, told when too much was missed. */
import { rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Bus } from '../src/events/bus.js';
import { PictureQueue } from '../src/pictures/picture-queue.js';
import type { RunningStudio } from '../src/start.js';
import { type Client, openStudio } from './client.js';
import { flatFolder, temporaryFolder } from './photographs.js';

const root = temporaryFolder();
let running: RunningStudio;
let client: Client;

beforeAll(async () => {
  await flatFolder(join(root, 'photographs'), 12, 16);
  ({ running, client } = await openStudio({ source: join(root, 'photographs'), project: join(root, 'project') }));
  await running.studio.opened;
  await client.post('/api/classes', { add: { name: 'cat' } });
});
afterAll(async () => {
  await running?.close();
  rmSync(root, { recursive: true });
});

interface Told {
  id: string;
  type: string;
  data: string;
}

/** Listens until `count` events of these types came, then breaks the connection. */
function listen(
  count: number,
  types: readonly string[],
  lastEventId?: string,
): { opened: Promise<void>; told: Promise<Told[]> } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const told = new Promise<Told[]>((resolve, reject) => {
    const headers = {
      cookie: client.cookie,
      'sec-fetch-site': 'same-origin',
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    const asked = request(
      { host: '127.0.0.1', port: running.port, path: '/api/events', headers, agent: false },
      (response) => {
        let text = '';
        response.on('data', (part) => {
          open();
          text += part;
          const all = text
            .split('\n\n')
            .slice(0, -1)
            .map(toEvent)
            .filter(({ type }) => types.includes(type));
          if (all.length < count) return;
          response.destroy();
          resolve(all);
        });
      },
    );
    asked.on('error', (error) => reject(error));
    asked.end();
  });
  return { opened, told };
}

function toEvent(block: string): Told {
  const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1] ?? '';
  return { id: field('id'), type: field('event'), data: field('data') };
}

const label = (image: number) => client.post('/api/labels', { items: [{ image, class: 0 }], by: 'Ada', from: 'grid' });

test('every page hears of a label, with the revision that its answer has', async () => {
  const pages = [listen(1, ['labels']), listen(1, ['labels'])];
  await Promise.all(pages.map(({ opened }) => opened));
  const { json } = await label(0);
  for (const { told } of pages) {
    const [event] = await told;
    expect(JSON.parse(event!.data)).toMatchObject({ type: 'labels', revision: json.revision, images: [0], by: 'Ada' });
  }
});

test('after a break a page gets what it missed, in order, once', async () => {
  const first = listen(1, ['labels']);
  await first.opened;
  await label(1);
  const [last] = await first.told;
  for (const image of [2, 3, 4]) await label(image);
  const told = await listen(3, ['labels'], last!.id).told;
  expect(told.map(({ data }) => JSON.parse(data).images)).toEqual([[2], [3], [4]]);
});

test('a page of another server, or of nonsense, is told that it has lost events', async () => {
  for (const id of ['12', '99999999999999', 'x', '']) {
    const [event] = await listen(1, ['lost'], id).told;
    expect(event!.type).toBe('lost');
  }
});

test('the bus keeps the last events, and says when more than those were missed', () => {
  const bus = new Bus(1000);
  for (let i = 0; i < 3000; i++) bus.emit({ type: 'state' });
  expect(bus.since(4000)).toEqual([]);
  expect(bus.since(3990)!.map(({ id }) => id)).toEqual([3991, 3992, 3993, 3994, 3995, 3996, 3997, 3998, 3999, 4000]);
  expect(bus.since(4000 - 2048)).toHaveLength(2048);
  expect(bus.since(4000 - 2049)).toBeNull();
  expect(bus.since(4001)).toBeNull();
  expect(bus.since(999)).toBeNull();
});

test('a page that closes is forgotten', async () => {
  let listeners = 0;
  const { bus } = running.studio;
  const own = bus.listen.bind(bus);
  bus.listen = (listener) => {
    listeners++;
    const end = own(listener);
    return () => {
      listeners--;
      return end();
    };
  };
  const page = listen(1, ['labels']);
  await page.opened;
  expect(listeners).toBe(1);
  await label(5);
  await page.told;
  await expect.poll(() => listeners).toBe(0);
});

test('the picture that was asked for last is drawn first, and one that nobody waits for is not', async () => {
  const queue = new PictureQueue<number>(1);
  const drawn: number[] = [];
  let begin = () => {};
  const gate = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const gone = new AbortController();
  const ask = (number: number, signal = new AbortController().signal) =>
    queue.add(async () => {
      await gate;
      drawn.push(number);
      return number;
    }, signal);
  const all = [ask(1), ask(2), ask(3, gone.signal), ask(4)];
  gone.abort();
  begin();
  const ends = await Promise.allSettled(all);
  expect(drawn).toEqual([1, 4, 2]);
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
});

test('what may wait for pictures waits until none is drawn, for a while at most, and not when the studio ends', async () => {
  const queue = new PictureQueue<number>(1);
  const { signal } = new AbortController();
  const draw = (milliseconds: number) =>
    queue.add(async () => {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      return 0;
    }, signal);
  const seconds = async (options: { quiet: number; most: number }, ending = signal) => {
    const began = performance.now();
    await queue.untilQuiet({ ...options, signal: ending });
    return (performance.now() - began) / 1000;
  };
  void draw(400);
  void draw(400);
  expect(await seconds({ quiet: 100, most: 10_000 })).toBeGreaterThan(0.8);
  void draw(10_000);
  expect(await seconds({ quiet: 100, most: 300 })).toBeGreaterThan(0.29);
  const ending = new AbortController();
  setTimeout(() => ending.abort(), 50);
  expect(await seconds({ quiet: 100, most: 60_000 }, ending.signal)).toBeLessThan(30);
});
