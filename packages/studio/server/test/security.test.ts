/** @file Security rules 1 to 5, each attacked over real sockets; 6 and 7 are in limits.test.ts. */
import { readFileSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { State } from '../src/api.js';
import type { RunningStudio } from '../src/start.js';
import { Client, codeOf, openStudio, raw } from './client.js';
import { flatFolder, picture, temporaryFolder, writeFiles } from './photographs.js';

const HOSTILE = '<img src=x onerror=alert(1)>&"\'.jpg';
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';

const root = temporaryFolder();
const folder = join(root, 'photographs');
const elsewhere = join(root, 'elsewhere');
const web = join(root, 'web');
const SECRET = 'nobody should read this';
let running: RunningStudio;
let client: Client;
let state: State;
const ids: Record<string, number> = {};

beforeAll(async () => {
  await flatFolder(folder, 4);
  writeFiles(elsewhere, { 'private.jpg': await picture(99) });
  writeFiles(folder, {
    [HOSTILE]: await picture(50),
    'exchanged.jpg': await picture(51),
    'drawing.svg': SVG,
    'really-svg.png': SVG,
  });
  symlinkSync(join(elsewhere, 'private.jpg'), join(folder, 'link.jpg'));
  writeFiles(web, {
    'index.html': '<title>page</title>',
    'assets/page.js': '1',
    '../private.txt': SECRET,
    '.env': SECRET,
  });
  ({ running, client } = await openStudio({ source: folder, project: join(root, 'project'), web }));
  await running.studio.opened;
  state = (await client.get('/api/state')).json;
  for (const { id, path } of running.studio.project.images) ids[path!] = id;
});
afterAll(async () => {
  await running?.close();
  rmSync(root, { recursive: true });
});

const EVERYWHERE = [
  '/',
  '/api/state',
  '/api/images',
  '/thumb/0',
  '/api/thumbs?ids=0',
  '/original/0',
  '/view/0/0',
  '/api/events',
  '/report/x',
  '/nothing',
];

describe('1. only for the names of this server', () => {
  test.each(['evil.example', '127.0.0.1', '127.0.0.1:1', '127.0.0.1.evil.example', 'localhost:80', ''])(
    'Host %j is refused, before routing',
    async (host) => {
      for (const path of EVERYWHERE) {
        const answer = await client.get(path, { host });
        expect([answer.status, codeOf(answer)]).toEqual([403, 'FORBIDDEN_HOST']);
      }
    },
  );
  test('localhost and its IPv6 address with this port are answered', async () => {
    for (const name of ['localhost', '[::1]', 'LOCALHOST'])
      expect((await client.get('/api/state', { host: `${name}:${running.port}` })).status).toBe(200);
  });
  test('a name in the request line, two names, and none are refused', async () => {
    const own = `Host: 127.0.0.1:${running.port}\r\nCookie: ${client.cookie}\r\nConnection: close\r\n`;
    const status = async (text: string) => Number((await raw(running.port, text)).split(' ')[1]);
    expect(await status(`GET http://evil.example/api/state HTTP/1.1\r\n${own}\r\n`)).toBe(400);
    expect(await status(`GET //evil.example/api/state HTTP/1.1\r\n${own}\r\n`)).toBe(400);
    expect(await status(`GET /api/state HTTP/1.1\r\n${own}Host: evil.example\r\n\r\n`)).toBe(403);
    expect(await status('GET /api/state HTTP/1.0\r\n\r\n')).toBe(403);
    expect(await status(`GET /api/state HTTP/1.1\r\n${own}\r\n`)).toBe(200);
  });
});

describe('2. only for who has opened the printed address', () => {
  test('without the cookie, with a forged one or with two, nothing is answered', async () => {
    const forged = client.cookie.replace(/=.{4}/, '=AAAA');
    for (const cookie of [
      undefined,
      'x=y',
      forged,
      `${client.cookie}x`,
      client.cookie.replace(/\d+=/, '1='),
      `${forged}; ${client.cookie}`,
    ]) {
      for (const path of EVERYWHERE) expect((await client.get(path, { cookie })).status).toBe(401);
      expect((await client.post('/api/undo', { by: 'x' }, { cookie })).status).toBe(401);
    }
  });
  test('a token is good once; the cookie is for this server alone, and the address is clean after', async () => {
    const address = running.address();
    const other = new Client(running.port);
    const first = await other.signIn(address);
    expect([first.status, first.headers.location]).toEqual([303, '/']);
    expect(first.headers['referrer-policy']).toBe('no-referrer');
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(
        new RegExp(`^twoview-studio-${running.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
      ),
    ]);
    expect((await other.get('/api/state')).status).toBe(200);
    const late = new Client(running.port);
    expect((await late.signIn(address)).status).toBe(401);
    expect((await late.signIn('http://x/?token=')).status).toBe(401);
    expect((await late.get('/api/state')).status).toBe(401);
    expect((await other.signIn(`${address}`)).status).toBe(401); // without its cookie
    expect((await other.get(`/?${address.split('?')[1]}`)).status).toBe(303);
  });
  test('a token elsewhere than in the first address signs nobody in', async () => {
    const { search } = new URL(running.address());
    expect((await client.send('GET', `/api/state${search}`)).status).toBe(401);
  });
});

describe('3. nothing for other pages', () => {
  const body = { by: 'somebody' };
  test.each([
    [{ origin: undefined }],
    [{ origin: 'null' }],
    [{ origin: 'http://evil.example' }],
    [{ origin: 'http://127.0.0.1:1' }],
    [{ origin: 'http://127.0.0.1' }],
    [{ 'sec-fetch-site': undefined }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'none' }],
  ])('a POST with %j changes nothing', async (headers) => {
    const answer = await client.post('/api/undo', body, headers);
    expect([answer.status, codeOf(answer)]).toEqual([403, 'FORBIDDEN_ORIGIN']);
  });
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json, text/plain',
    undefined,
  ])('a POST of %j is refused, since a form can send it', async (type) => {
    const answer = await client.post('/api/undo', body, { 'content-type': type });
    expect([answer.status, codeOf(answer)]).toEqual([415, 'NOT_JSON']);
  });
  test('reading from elsewhere is refused, events as well; a link from elsewhere may open the page', async () => {
    for (const path of [
      '/api/state',
      '/api/events',
      '/thumb/0',
      '/api/thumbs?ids=0',
      '/original/0',
      '/api/labels.csv',
    ]) {
      for (const site of ['same-site', 'cross-site'])
        expect((await client.get(path, { 'sec-fetch-site': site })).status).toBe(403);
      expect((await client.get(path, { origin: 'http://evil.example' })).status).toBe(403);
    }
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect((await client.get('/api/state', link)).status).toBe(200);
    expect((await client.get('/api/state', { ...link, 'sec-fetch-dest': 'iframe' })).status).toBe(403);
  });
  test('no answer allows another origin anything, not even to ask', async () => {
    for (const method of ['OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE']) {
      const headers = { origin: 'http://evil.example', 'access-control-request-method': 'POST', cookie: client.cookie };
      const answer = await client.send(method, '/api/labels', headers);
      expect(answer.status).toBe(400);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe('4. images by number', () => {
  test.each([
    '-1',
    '1.5',
    '1e0',
    '0x1',
    '%30',
    '999',
    '..%2f..%2fetc%2fpasswd',
    '0/../../etc/passwd',
    'NaN',
    '1;2',
    '',
  ])('%j is no number of an image', async (id) => {
    for (const path of [`/thumb/${id}`, `/original/${id}`, `/api/image/${id}`]) {
      if (id === '%30') expect([200, 404]).toContain((await client.get(path)).status);
      else expect((await client.get(path)).status).toBe(404);
    }
  });
  test('files of the page do not lead out of its folder', async () => {
    for (const path of ['/', '/assets/page.js']) expect((await client.get(path)).status).toBe(200);
    const names = ['/../private.txt', '/%2e%2e/private.txt', '/..%2fprivate.txt', '/assets/..%2f..%2fprivate.txt'];
    for (const path of [...names, '/%5c..%5cprivate.txt', '/.env', '/%00', '/%', join('/', root, 'private.txt')]) {
      const { status, text } = await client.get(path);
      expect([path, status >= 400, text.includes(SECRET)]).toEqual([path, true, false]);
    }
  });
  test('a link that leaves the folder is not shown, and it is said', async () => {
    const answer = await client.get(`/thumb/${ids['link.jpg']}`);
    expect([answer.status, codeOf(answer)]).toEqual([422, 'IMAGE_UNREADABLE']);
    expect((await client.get(`/original/${ids['link.jpg']}`)).status).toBe(422);
    expect(state.ignored).toContainEqual({ path: 'link.jpg', reason: expect.stringContaining('leads out') });
  });
  test('a file that became a link after the scan is not followed', async () => {
    expect((await client.get(`/original/${ids['exchanged.jpg']}`)).status).toBe(200);
    unlinkSync(join(folder, 'exchanged.jpg'));
    symlinkSync(join(elsewhere, 'private.jpg'), join(folder, 'exchanged.jpg'));
    expect((await client.get(`/original/${ids['exchanged.jpg']}`)).status).toBe(422);
    expect((await client.get(`/thumb/${ids['exchanged.jpg']}`)).status).toBe(422);
  });
  test('SVG is never read, whatever it is called', async () => {
    expect(state.ignored).toContainEqual({ path: 'drawing.svg', reason: expect.stringContaining('SVG') });
    expect((await client.get(`/original/${ids['really-svg.png']}`)).status).toBe(422);
  });
  test('an original is drawn anew: no place, no byte of the file', async () => {
    const { body, headers } = await client.get(`/original/${ids['000.jpg']}`);
    expect(headers['content-type']).toBe('image/webp');
    const file = readFileSync(join(folder, '000.jpg'));
    expect((await sharp(file).metadata()).exif).toBeDefined();
    const { format, width, exif, xmp, icc } = await sharp(body).metadata();
    expect({ format, width, exif, xmp, icc }).toEqual({
      format: 'webp',
      width: 40,
      exif: undefined,
      xmp: undefined,
      icc: undefined,
    });
  });
});

describe('5. what a browser may do with an answer', () => {
  test('every answer says so, refusals as well', async () => {
    const all = [...EVERYWHERE.filter((path) => path !== '/api/events'), '/api/image/0', '/api/labels.csv'];
    const answers = await Promise.all([
      ...all.map((path) => client.get(path)),
      client.get('/', { cookie: 'x' }),
      client.get('/', { host: 'x' }),
      client.post('/api/undo', 'x'),
    ]);
    for (const { headers } of answers) {
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-resource-policy': 'same-origin',
      });
    }
  });
  test('a report may run nothing, and is an origin of its own', async () => {
    const id = 'compare-20260101-000000';
    const { studio } = running;
    writeFiles(join(studio.project.folder, 'runs'), { [`${id}/report.html`]: '<script>alert(1)</script>' });
    const record = {
      id,
      command: 'compare',
      status: 'finished',
      startedAt: '',
      message: null,
      given: {},
      settings: {},
      pid: null,
    };
    writeFiles(join(studio.project.folder, 'runs'), { [`${id}.studio.json`]: JSON.stringify(record) });
    await running.close();
    ({ running, client } = await openStudio({ source: folder, project: join(root, 'project'), web }));
    await running.studio.opened;
    const { status, headers } = await client.get(`/report/${id}`);
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=UTF-8']);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'unsafe-inline'; img-src data:.* sandbox$/,
    );
    for (const other of ['..%2f..%2f..%2fphotographs', '..', '%2e%2e', `${id}%2f..`])
      expect((await client.get(`/report/${other}`)).status).toBe(404);
  });
  test('a file name is text', async () => {
    const { text, headers } = await client.get(`/api/image/${ids[HOSTILE]}`);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(JSON.parse(text).path).toBe(HOSTILE);
  });
});
