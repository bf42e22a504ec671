/** @file The pictures of a grid: what is asked for together, in which order, what is not asked for, and what an odd answer does. */
import { resolveObjectURL } from 'node:buffer';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Thumbnails } from '../src/state/thumbnails.js';

/** Numbers of each request, in order. */
let requests: number[][];
/** Ends the oldest request that is still open; `send` gives it bytes before. */
let open: { send(bytes: Uint8Array): void; end(): void; signal: AbortSignal }[];
let thumbnails: Thumbnails;

const frame = (id: number, ...bytes: number[]) => {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(id, 0);
  header.writeUInt32LE(bytes.length, 4);
  return new Uint8Array(Buffer.concat([header, Buffer.from(bytes)]));
};
/** Long enough for what came to be painted. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 200));

beforeEach(() => {
  requests = [];
  open = [];
  thumbnails = new Thumbnails();
  vi.stubGlobal('fetch', async (address: string, { signal }: RequestInit) => {
    requests.push(new URL(address, 'http://x').searchParams.get('ids')!.split(',').map(Number));
    const body = new ReadableStream<Uint8Array>({
      start(stream) {
        signal!.addEventListener('abort', () => stream.error(signal!.reason));
        open.push({ send: (bytes) => stream.enqueue(bytes), end: () => stream.close(), signal: signal! });
      },
    });
    return new Response(body);
  });
});
afterEach(() => vi.unstubAllGlobals());

/** Asks for pictures in one turn. @returns what was painted, by number, and what ends the asking */
function show(...ids: number[]) {
  const painted = new Map<number, string>();
  const ends = ids.map((id) => thumbnails.show(id, 128, (address) => painted.set(id, address)));
  const end = () => {
    for (const one of ends) one();
  };
  return { painted, end };
}
const numbers = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

test('what is asked for in one turn is asked for together, and painted as it comes, in whatever pieces', async () => {
  const { painted } = show(7, 8, 9);
  await turn();
  expect(requests).toEqual([[7, 8, 9]]);
  const bytes = Buffer.concat([frame(9, 1, 2, 3), frame(7), frame(8, 4)]);
  open[0]!.send(bytes.subarray(0, 10));
  await turn();
  expect(painted.size).toBe(0);
  open[0]!.send(bytes.subarray(10, 25));
  await turn();
  expect([...painted.keys()]).toEqual([9]);
  open[0]!.send(bytes.subarray(25));
  open[0]!.end();
  await turn();
  expect([...painted.keys()]).toEqual([9, 8]); // 7 cannot be shown
  const picture = await resolveObjectURL(painted.get(9)!)!.arrayBuffer();
  expect([...new Uint8Array(picture)]).toEqual([1, 2, 3]);
});

test('a picture that was there is painted at once, and not asked for again', async () => {
  show(1);
  await turn();
  open[0]!.send(frame(1, 5));
  open[0]!.end();
  await turn();
  expect([...show(1).painted.keys()]).toEqual([1]); // without a turn between
  await turn();
  expect(requests).toHaveLength(1);
});

test('the first of what was asked for last comes next, and what nobody waits for any more is not asked for', async () => {
  show(...numbers(0, 144)); // three requests of 48 are open
  await turn();
  const scrolledAway = show(...numbers(1000, 60));
  await turn();
  show(...numbers(2000, 60));
  await turn();
  scrolledAway.end();
  expect(requests.map(([first]) => first)).toEqual([0, 48, 96]);
  for (const one of open.splice(0)) one.end();
  await turn();
  expect(requests.slice(3)).toEqual([numbers(2000, 48), numbers(2048, 12)]);
});

test('a request is given up when nobody waits for what is left of it', async () => {
  const first = show(1, 2);
  const second = show(3);
  await turn();
  expect(requests).toEqual([[1, 2, 3]]);
  second.end();
  open[0]!.send(frame(1, 5));
  await turn();
  expect(open[0]!.signal.aborted).toBe(false);
  open[0]!.send(frame(2, 5));
  await turn();
  expect([first.painted.size, open[0]!.signal.aborted]).toEqual([2, true]);
  show(3);
  await turn();
  expect(requests).toEqual([[1, 2, 3], [3]]);
});

test('what is asked for when a request has just ended is asked for as well', async () => {
  show(1);
  await turn();
  open[0]!.end();
  await new Promise(setImmediate); // the end has arrived, and the next turn has not begun
  expect(() => show(2)).not.toThrow();
  await turn();
  expect(requests).toEqual([[1], [2]]);
});

test('what was asked of a server that did not answer is asked for again when it is shown again', async () => {
  const works = globalThis.fetch;
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('no server');
  });
  expect(show(2).painted.size).toBe(0);
  await turn();
  vi.stubGlobal('fetch', works);
  show(2);
  await turn();
  expect(requests).toEqual([[2]]);
});
