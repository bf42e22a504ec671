import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { download } from '../src/engine/index.js';

const BODY = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i) % 251));
const SHA256 = createHash('sha256').update(BODY).digest('hex');
const checksum = { algorithm: 'sha256', hex: SHA256 } as const;

type Answer = (request: IncomingMessage, response: ServerResponse, attempt: number) => void;

function whole(request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from >= BODY.length) {
    response.writeHead(416).end();
    return;
  }
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': BODY.length - from });
  response.end(BODY.subarray(from));
}

/** Sends half, then breaks the connection, after the client has had the time to read it. */
function half(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': BODY.length });
  response.write(BODY.subarray(0, BODY.length / 2), () => setTimeout(() => response.destroy(), 300));
}

const ANSWERS: Record<string, Answer> = {
  whole,
  'truncates once': (request, response, attempt) => (attempt === 1 ? half(response) : whole(request, response)),
  'truncates always': (request, response) => (request.headers.range ? response.destroy() : half(response)),
  'truncates, then ignores ranges': (_, response, attempt) => {
    if (attempt === 1) return half(response);
    response.writeHead(200, { 'content-length': BODY.length }).end(BODY);
  },
  'stalls at once': () => {},
  'stalls half way': (_, response) => {
    response.writeHead(200, { 'content-length': BODY.length });
    response.write(BODY.subarray(0, 1000));
  },
  corrupts: (_, response) => {
    response.end(Buffer.concat([BODY.subarray(1), Buffer.of(1)]));
  },
  404: (_, response) => {
    response.writeHead(404).end('not here');
  },
  500: (_, response) => {
    response.writeHead(500).end('try again');
  },
  'fails twice': (request, response, attempt) => {
    if (attempt <= 2) response.writeHead(503).end();
    else whole(request, response);
  },
  redirects: (_, response) => {
    response.writeHead(302, { location: '/whole' }).end();
  },
};

let server: Server;
let folder: string;
let requests: { path: string; range: string | undefined }[];
const url = (name: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${encodeURIComponent(name)}`;

beforeAll(async () => {
  server = createServer((request, response) => {
    const name = decodeURIComponent(request.url!.slice(1));
    requests.push({ path: name, range: request.headers.range });
    ANSWERS[name]!(request, response, requests.filter(({ path }) => path === name).length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requests = [];
  folder = mkdtempSync(join(tmpdir(), 'twoview-download-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const target = () => join(folder, 'file');
const arrived = () => readFileSync(target()).equals(BODY) && !existsSync(`${target()}.partial`);

test('a file arrives whole, with progress that ends at its size', async () => {
  const seen: [number, number][] = [];
  await download(url('whole'), target(), { checksum, onProgress: (done, total) => seen.push([done, total]) });
  expect(arrived()).toBe(true);
  expect(seen.at(-1)).toEqual([BODY.length, BODY.length]);
  expect(seen.every(([done], i) => i === 0 || done > seen[i - 1]![0])).toBe(true);
});

test('a broken connection is taken up where it broke', async () => {
  await download(url('truncates once'), target(), { checksum });
  expect(arrived()).toBe(true);
  expect(requests.map(({ range }) => range)).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/)]);
  const from = Number(/\d+/.exec(requests[1]!.range!)![0]); // what of the half had reached the disk
  expect(from).toBeGreaterThan(0);
  expect(from).toBeLessThanOrEqual(BODY.length / 2);
});

test('what an earlier process left is taken up', async () => {
  writeFileSync(`${target()}.partial`, BODY.subarray(0, 777));
  await download(url('whole'), target(), { checksum });
  expect(arrived()).toBe(true);
  expect(requests[0]!.range).toBe('bytes=777-');
});

test('a leftover that is longer than the file is thrown away', async () => {
  writeFileSync(`${target()}.partial`, Buffer.alloc(BODY.length + 5));
  await download(url('whole'), target(), { checksum });
  expect(arrived()).toBe(true);
});

test('a server that ignores ranges sends all again, and nothing is doubled', async () => {
  await download(url('truncates, then ignores ranges'), target(), { checksum });
  expect(arrived()).toBe(true);
});

test('redirects are followed, and a passing failure is tried again', async () => {
  await download(url('redirects'), target(), { checksum });
  expect(arrived()).toBe(true);
  rmSync(target());
  await download(url('fails twice'), target(), { checksum });
  expect(arrived()).toBe(true);
});

test.each([
  ['404', 1, /the server answered 404/],
  ['500', 4, /the server answered 500/],
  ['truncates always', 4, /could not download/],
  ['stalls at once', 4, /no data for 0.1 s/],
  ['stalls half way', 4, /no data for 0.1 s/],
])('%s: given up after %d requests, and no file appears', async (name, count, text) => {
  const failure = download(url(name), target(), { checksum, stallMs: 100 });
  await expect(failure).rejects.toThrow(text);
  await expect(failure).rejects.toMatchObject({ code: 'DOWNLOAD' });
  expect(requests.length).toBe(count);
  expect(existsSync(target())).toBe(false);
});

test('a file with another checksum is removed, and not tried again', async () => {
  await expect(download(url('corrupts'), target(), { checksum })).rejects.toMatchObject({ code: 'DOWNLOAD_CHECKSUM' });
  expect([existsSync(target()), existsSync(`${target()}.partial`), requests.length]).toEqual([false, false, 1]);
});

test('a signal stops it, and what has arrived is kept', async () => {
  const stop = new AbortController();
  const failure = download(url('stalls half way'), target(), { signal: stop.signal, onProgress: () => stop.abort() });
  await expect(failure).rejects.toThrow(/abort/i);
  expect(requests.length).toBe(1);
  expect(existsSync(target())).toBe(false);
});

test('a server that is not there', async () => {
  const failure = download('http://127.0.0.1:9/x', target(), { attempts: 2 });
  await expect(failure).rejects.toMatchObject({ code: 'DOWNLOAD' });
});
