/** @file Published weights: fetched once, whole and right, or a clear error; and fitted to networks for small images. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createModel } from '../src/models/create-model.js';
import { fetchPublished, imagenetSource } from '../src/models/published.js';
import { describeLoad, loadEncoder, readWeights } from '../src/models/weights.js';
import { temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const at = (name: string) => join(root, name);
const CONFIG = JSON.stringify({
  architecture: 'resnet10_narrow',
  pretrained_cfg: { mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6], crop_pct: 0.9 },
});
const LIMITS = { stallMs: 300, attempts: 3 };
let weights: Buffer;
let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse, attempt: number) => void;
let asked: string[];

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

beforeAll(async () => {
  await torch.load();
  const file = at('peer.safetensors');
  torch.scope(() => {
    const net = createModel('resnet10_narrow', { numClasses: 7, stem: 'imagenet', generator: new torch.Generator(3) });
    torch.safetensors.save(file, net.stateDict(), {});
    net.dispose();
  });
  weights = readFileSync(file);
  server = createServer((request, response) => {
    const path = request.url!;
    asked.push(`${request.method} ${path}`);
    if (path.endsWith('/config.json')) response.end(CONFIG);
    else if (request.method === 'HEAD') {
      response.writeHead(302, { 'x-linked-etag': `"${sha256(weights)}"`, location: '/blob' }).end();
    } else answer(request, response, asked.filter((line) => line === `GET ${path}`).length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('TWOVIEW_MIRROR', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  vi.unstubAllEnvs();
});

let caches = 0;
beforeEach(() => {
  asked = [];
  answer = whole;
  vi.stubEnv('TWOVIEW_CACHE', at(`cache${caches++}`));
});

function whole(request: IncomingMessage, response: ServerResponse) {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': weights.length - from }).end(weights.subarray(from));
}
function half(response: ServerResponse) {
  response.writeHead(200, { 'content-length': weights.length });
  response.write(weights.subarray(0, weights.length / 2), () => setTimeout(() => response.destroy(), 100));
}

describe('from the hub', () => {
  const fetch = () => fetchPublished('hub:someone/some.net', undefined, {}, LIMITS);

  test('the file, with what its repository says of the network', async () => {
    const { file, metadata } = await fetch();
    expect(readFileSync(file).equals(weights)).toBe(true);
    expect(metadata).toEqual({
      model: 'resnet10_narrow',
      stem: 'imagenet',
      normalisation: '{"mean":[0.1,0.2,0.3],"std":[0.4,0.5,0.6]}',
    });
    asked = [];
    expect((await fetch()).file).toBe(file);
    expect(asked).toEqual([]); // once
  });

  test('two at a time download once', async () => {
    const [a, b] = await Promise.all([fetch(), fetch()]);
    expect(a).toEqual(b);
    expect(asked.filter((line) => /^GET .*model\.safetensors$/.test(line)).length).toBe(1);
  });

  test.each([
    [
      'a connection that breaks once',
      (q: IncomingMessage, r: ServerResponse, n: number) => (n === 1 ? half(r) : whole(q, r)),
    ],
    [
      'a redirect',
      (q: IncomingMessage, r: ServerResponse) =>
        q.url === '/blob' ? whole(q, r) : r.writeHead(302, { location: '/blob' }).end(),
    ],
    [
      'a server that fails once',
      (q: IncomingMessage, r: ServerResponse, n: number) => (n === 1 ? r.writeHead(503).end() : whole(q, r)),
    ],
  ])('%s ends in the right file', async (_, behaviour) => {
    answer = (request, response, attempt) => void behaviour(request, response, attempt);
    expect(sha256(readFileSync((await fetch()).file))).toBe(sha256(weights));
  });

  test.each([
    ['truncates always', 'DOWNLOAD', (r: ServerResponse) => half(r)],
    [
      'stalls',
      'DOWNLOAD',
      (r: ServerResponse) => void r.writeHead(200, { 'content-length': weights.length }).write('x'),
    ],
    ['refuses', 'DOWNLOAD', (r: ServerResponse) => void r.writeHead(404).end()],
    [
      'corrupts',
      'DOWNLOAD_CHECKSUM',
      (r: ServerResponse) => void r.end(Buffer.concat([weights.subarray(1), Buffer.of(1)])),
    ],
  ])('a server that %s ends in %s, and in no file', async (_, code, behaviour) => {
    answer = (_request, response) => behaviour(response);
    await expect(fetch()).rejects.toMatchObject({ code });
    expect(existsSync(join(process.env.TWOVIEW_CACHE!, 'weights', 'someone--some.net--model.safetensors'))).toBe(false);
  });

  test('a name that names no repository', async () => {
    await expect(fetchPublished('hub:only', undefined, {})).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('imagenet', () => {
  test('is there for every network of the poster, from its makers', () => {
    expect(['resnet34', 'resnet50', 'rexnet_150', 'rexnet_300'].map(imagenetSource)).toEqual([
      'torchvision',
      'torchvision',
      'timm',
      'timm',
    ]);
    expect(imagenetSource('resnet10_narrow')).toBe(null);
  });

  test('a file that is not the published one is refused by the digits in its name', async () => {
    await expect(fetchPublished('imagenet', 'rexnet_150', {}, LIMITS)).rejects.toMatchObject({
      code: 'DOWNLOAD_CHECKSUM',
    });
    expect(asked).toEqual(['GET /rexnetv1_150-bd1a6aa8.pth']);
  });

  test.each([[undefined], ['resnet10_narrow']])('%s names no published file', async (model) => {
    await expect(fetchPublished('imagenet', model, {})).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('fitted', () => {
  test('a 7x7 stem becomes a 3x3 one that answers to flat images as before, and the classifier is left out', async () => {
    using read = await readWeights('hub:someone/some.net');
    torch.scope(() => {
      const net = createModel('resnet10_narrow', { numClasses: 10, stem: 'cifar' });
      const report = loadEncoder(net, read, 'resnet10_narrow');
      expect(report.adapted).toEqual(['conv1.weight from 7x7 to 3x3']);
      expect(report.dropped).toEqual(['fc.bias', 'fc.weight']);
      expect(describeLoad(report, read)).toContain('adapted conv1.weight from 7x7 to 3x3; left out fc.bias, fc.weight');
      const [small, large] = [net.stateDict()['conv1.weight']!, read.tensors['conv1.weight']!];
      const difference = small
        .sum([2, 3])
        .sub(large.sum([2, 3]))
        .abs()
        .max()
        .item();
      expect(difference).toBeLessThan(1e-5);
      // By definition: cell (1, 1) of 3 covers [7/3, 14/3] of 7 cells, so 2/3 of cell 2, cell 3, and 2/3 of cell 4, both ways.
      const share = [0, 0, 2 / 3, 1, 2 / 3, 0, 0];
      const first = large.select(0, 0).select(0, 0).tolist();
      const centre = first.reduce((sum, w, i) => sum + w * share[Math.floor(i / 7)]! * share[i % 7]!, 0);
      expect(small.select(0, 0).select(0, 0).tolist()[4]).toBeCloseTo(centre, 6);
      net.dispose();
    });
  });

  test('weights of another network are refused, whatever their name', async () => {
    using read = await readWeights('hub:someone/some.net');
    const other = createModel('resnet18', { numClasses: 10 });
    expect(() => loadEncoder(other, read, 'resnet18')).toThrow(expect.objectContaining({ code: 'WEIGHTS_MISMATCH' }));
    other.dispose();
  });
});
