/** @file Security rules 6 and 7, attacked over real sockets: other machines, and too much of everything. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exposureOf } from '../src/security/exposure.js';
import { type RunningStudio, startStudio } from '../src/start.js';
import { Client, codeOf, openStudio, raw } from './client.js';
import { flatFolder, temporaryFolder } from './photographs.js';

const root = temporaryFolder();
const folder = join(root, 'photographs');
let running: RunningStudio;
let client: Client;

beforeAll(async () => {
  await flatFolder(folder, 4);
  ({ running, client } = await openStudio({ source: folder, project: join(root, 'project') }));
  await running.studio.opened;
});
afterAll(async () => {
  await running?.close();
  rmSync(root, { recursive: true });
});

describe('6. other machines', () => {
  test('an address that they reach needs the name that they use', async () => {
    expect(() => exposureOf('0.0.0.0', [])).toThrow('--allow-host');
    const project = join(root, 'exposed');
    await expect(startStudio({ source: folder, project, weights: null, host: '0.0.0.0' })).rejects.toThrow(
      '--allow-host',
    );
  });
  test('what is exposed is said, and no other name is answered', async () => {
    const project = join(root, 'exposed');
    const other = await startStudio({
      source: folder,
      project,
      weights: null,
      host: '0.0.0.0',
      allowHost: ['lab.example'],
    });
    try {
      expect(other.exposure).toContain('all images of the source');
      expect(other.address()).toMatch(/^http:\/\/lab\.example:/);
      const guest = new Client(other.port);
      const name = `lab.example:${other.port}`;
      const { search } = new URL(other.address());
      const signed = await guest.send('GET', `/${search}`, { host: name });
      const cookie = signed.headers['set-cookie']![0]!.split(';')[0]!;
      expect((await guest.get('/api/state', { host: name, cookie, 'sec-fetch-site': undefined })).status).toBe(200);
      expect((await guest.get('/api/state', { host: `evil.example:${other.port}`, cookie })).status).toBe(403);
      // Browsers send no Sec-Fetch-Site to an address that is neither loopback nor https; the origin stays exact.
      const post = { host: name, cookie, 'sec-fetch-site': undefined };
      expect((await guest.post('/api/undo', { by: 'x' }, { ...post, origin: `http://${name}` })).status).toBe(200);
      expect((await guest.post('/api/undo', { by: 'x' }, { ...post, origin: 'http://evil.example' })).status).toBe(403);
    } finally {
      await other.close();
    }
  });
});

describe('7. limits', () => {
  test('a body that is too large is refused, with its length said or not', async () => {
    const large = JSON.stringify({ by: 'x'.repeat(1.2e6) });
    const answer = await client.post('/api/undo', large);
    expect([answer.status, codeOf(answer)]).toEqual([413, 'TOO_LARGE']);
    const chunked = await client.post('/api/undo', large, {
      'content-length': undefined,
      'transfer-encoding': 'chunked',
    });
    expect([chunked.status, codeOf(chunked)]).toEqual([413, 'TOO_LARGE']);
  });
  test('a length that lies, and a header that is too large, end the connection', async () => {
    const head = `POST /api/undo HTTP/1.1\r\nHost: 127.0.0.1:${running.port}\r\n`;
    expect(await raw(running.port, `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 400/,
    );
    expect(await raw(running.port, `${head}X: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431/);
  });
  test.each([
    ['half an object', '{'],
    ['a list', '[]'],
    ['nothing', 'null'],
    ['very deep lists', '['.repeat(1e5)],
    ['an empty name', { by: '' }],
    ['a long name', { by: 'x'.repeat(81) }],
    ['more than is asked for', { by: 'x', more: 1 }],
    ['a prototype', '{"__proto__":{"by":"x"}}'],
  ])('a body of %s is refused with a sentence', async (_, body) => {
    const answer = await client.post('/api/undo', body);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_REQUEST']);
  });
  test('a picture of a few bytes and very many pixels is not drawn', async () => {
    const bomb = await sharp({
      create: { width: 16000, height: 13000, channels: 3, background: 'white' },
      limitInputPixels: false,
    })
      .png({ compressionLevel: 9 })
      .toBuffer();
    expect(bomb.length).toBeLessThan(2e6);
    writeFileSync(join(folder, '003.jpg'), bomb);
    const answer = await client.get(`/original/${3}`);
    expect([answer.status, codeOf(answer)]).toEqual([422, 'IMAGE_UNREADABLE']);
  });
});
