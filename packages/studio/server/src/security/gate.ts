/** @file All rules that hold for every request, in front of the router: nothing behind it sees a request that breaks one. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asRefusal, Refusal } from '../refusal.js';
import { secure } from './headers.js';
import { requireHost } from './host.js';
import { requireOrigin } from './origin.js';
import type { Session } from './session.js';

export interface Rules {
  hosts: ReadonlySet<string>;
  /** Whether the server is bound to loopback. */
  loopback: boolean;
  session: Session;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export function gate({ hosts, loopback, session }: Rules, pass: Handler): Handler {
  return (request, response) => {
    secure(response);
    try {
      const host = requireHost(request, hosts);
      requireOrigin(request, host, loopback);
      const token = tokenIn(request);
      if (token !== null) return signIn(session, token, request, response);
      if (!session.knows(request.headers.cookie)) throw notSignedIn();
      pass(request, response);
    } catch (error) {
      refuse(request, response, asRefusal(error));
    }
  };
}

function tokenIn({ method, url = '' }: IncomingMessage): string | null {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  return method === 'GET' && pathname === '/' ? searchParams.get('token') : null;
}

function signIn(session: Session, token: string, request: IncomingMessage, response: ServerResponse): void {
  const cookie = session.exchange(token);
  // The back button of someone who is signed in already leads here with a used token.
  if (cookie === null && !session.knows(request.headers.cookie)) throw notSignedIn();
  if (cookie !== null) response.setHeader('set-cookie', cookie);
  response.writeHead(303, { location: '/', 'referrer-policy': 'no-referrer' }).end();
}

const notSignedIn = (): Refusal =>
  new Refusal(
    'NOT_SIGNED_IN',
    'this browser is not signed in to the studio',
    'open the address that twoview studio printed last; each is good for one use, and Enter in its terminal prints another',
  );

/** A person who opens an address reads a sentence, a program reads JSON. */
export function refuse({ headers }: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const page = headers['sec-fetch-dest'] === 'document';
  const { error } = refusal.body;
  response.writeHead(refusal.status, {
    'content-type': page ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8',
    connection: 'close', // what is left of a body is not read
  });
  response.end(page ? `${error.what}\n${error.next}\n` : JSON.stringify(refusal.body));
}
