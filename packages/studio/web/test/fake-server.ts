/**
 * @file A server with the addresses of `server/src/api.ts` for the tests of the page alone: real HTTP on a port of its own, the
 * page's Content-Security-Policy, everything in memory. It has no mathematics: predictions are wherever a point stands.
 */
import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type { StudioEvent } from '../src/api/types.js';
import { routesOf } from './fake-routes.js';
import { FakeWorld } from './fake-world.js';

export const CSP =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob:; style-src 'self'; connect-src 'self'; worker-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** A report brings its own style and pictures, and is shown in a frame of the page alone. */
const REPORT_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox";
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface FakeServer {
  address: string;
  world: FakeWorld;
  /** POSTs as they came, in order. */
  posts: { path: string; body: unknown }[];
  /** The next POST of this path is refused with this error. */
  refuse: Map<string, { status: number; code: string; what: string; next: string }>;
  send: (event: StudioEvent) => void;
  close: () => Promise<void>;
}

/** @param web folder of the built page @param images how many */
export async function startFakeServer(web: string, images: number): Promise<FakeServer> {
  const world = new FakeWorld(images);
  const listeners = new Set<ServerResponse>();
  const posts: FakeServer['posts'] = [];
  const refuse: FakeServer['refuse'] = new Map();
  let last = 0;
  const send = (event: StudioEvent) => {
    last++;
    for (const to of listeners) to.write(`id: ${last}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  };
  const routes = routesOf(world, send);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, 'http://localhost');
    response.setHeader('content-security-policy', url.pathname.startsWith('/report/') ? REPORT_CSP : CSP);
    response.setHeader('x-content-type-options', 'nosniff');
    if (url.pathname === '/api/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(': hello\n\n');
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
      return;
    }
    let body: unknown = null;
    if (request.method === 'POST') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      body = JSON.parse(Buffer.concat(chunks).toString());
      posts.push({ path: url.pathname, body });
      const refused = refuse.get(url.pathname);
      if (refused) {
        refuse.delete(url.pathname);
        response
          .writeHead(refused.status, { 'content-type': 'application/json' })
          .end(JSON.stringify({ error: refused }));
        return;
      }
    }
    for (const [pattern, handle] of routes) {
      const found = new RegExp(`^${request.method} ${pattern}$`).exec(`${request.method} ${url.pathname}`);
      if (!found) continue;
      const {
        status = 200,
        type = 'application/json',
        data,
        headers = {},
      } = await handle(found.slice(1), url.searchParams, body);
      const sent = type === 'application/json' ? JSON.stringify(data) : (data as Buffer);
      response.writeHead(status, { 'content-type': type, ...headers }).end(sent);
      return;
    }
    const file = join(web, normalize(url.pathname === '/' ? '/index.html' : url.pathname));
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    world,
    posts,
    refuse,
    send,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
