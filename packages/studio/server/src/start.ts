/** @file A studio behind HTTP, on this machine alone unless it is told otherwise. */
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import sirv from 'sirv';
import { studioApp } from './app.js';
import { streamEvents } from './events/stream.js';
import { Refusal } from './refusal.js';
import { exposureOf } from './security/exposure.js';
import { gate, refuse } from './security/gate.js';
import { hostsOf, isLoopback } from './security/host.js';
import { Session } from './security/session.js';
import { Studio, type StudioOptions } from './studio.js';

export interface ServeOptions extends StudioOptions {
  /** 0 takes a free one. */
  port?: number;
  /** The address to listen on. */
  host?: string;
  /** Names by which other machines may call this one; needed where `host` is not loopback. */
  allowHost?: readonly string[];
  /** Folder of the built page; the one of this package where it is left out. */
  web?: string;
}

export interface RunningStudio {
  studio: Studio;
  port: number;
  /** The address to open, good for one use; another one after that. */
  address(): string;
  /** Ends when the images are ready: null, or why they are not. */
  opened: Promise<string | null>;
  /** What others can see; null on loopback. */
  exposure: string | null;
  close(): Promise<void>;
}

/** As `vite build` leaves it. */
const BUILT = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist/web' : '../../web', import.meta.url));

/** @throws ProjectError; Error of Node where the port is taken; Error where `host` needs `allowHost` */
export async function startStudio({
  port = 0,
  host = '127.0.0.1',
  allowHost = [],
  web = BUILT,
  ...options
}: ServeOptions): Promise<RunningStudio> {
  const exposure = exposureOf(host, allowHost);
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 10_000, maxHeaderSize: 16 << 10 });
  await listen(server, port, host);
  const bound = (server.address() as AddressInfo).port;
  let studio: Studio;
  try {
    studio = new Studio(options);
  } catch (error) {
    server.close();
    throw error;
  }
  const session = new Session(bound);
  const streams = new Set<() => void>();
  server.on(
    'request',
    gate({ hosts: hostsOf(bound, allowHost), loopback: isLoopback(host), session }, behindGate(studio, web, streams)),
  );
  const name = isLoopback(host) ? `127.0.0.1` : allowHost[0]!;
  return {
    ...{ studio, port: bound, exposure },
    opened: studio.opened.then(() => studio.source.failure ?? studio.encoder.failure),
    address: () => `http://${name}:${bound}/?token=${session.token}`,
    close: async () => {
      server.close();
      for (const end of streams) end();
      server.closeIdleConnections();
      await studio.close();
      server.closeAllConnections();
    },
  };
}

function behindGate(
  studio: Studio,
  web: string,
  streams: Set<() => void>,
): (request: IncomingMessage, response: ServerResponse) => void {
  const api = getRequestListener(studioApp(studio).fetch, { overrideGlobalObjects: false });
  const files = existsSync(web) ? sirv(web, { etag: true, dotfiles: false }) : null;
  return (request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    if (pathname === '/api/events' && request.method === 'GET') {
      const end = streamEvents(studio.bus, response, request.headers['last-event-id'] as string | undefined);
      streams.add(end);
      response.on('close', () => streams.delete(end));
    } else if (/^\/(api|thumb|view|original|report)\//.test(pathname)) void api(request, response);
    else if (files !== null) files(request, response, () => refuse(request, response, notFound()));
    else refuse(request, response, new Refusal('NOT_FOUND', 'the page of the studio was not built', 'npm run build'));
  };
}

const notFound = (): Refusal => new Refusal('NOT_FOUND', 'there is nothing at this address');

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
