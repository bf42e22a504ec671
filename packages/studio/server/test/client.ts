/** @file A browser's part in tests: signs in with the printed address, and sends what a page of the studio would send. */
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import type { ApiError } from '../src/api.js';
import { type RunningStudio, type ServeOptions, startStudio } from '../src/start.js';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
  json: any;
}

type Headers = Record<string, string | string[] | undefined>;

export class Client {
  cookie = '';

  constructor(readonly port: number) {}

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** With exactly these headers, beside Host. */
  send(method: string, path: string, headers: Headers = {}, body?: string | Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<
        string,
        string
      >;
      const asked = request({
        host: '127.0.0.1',
        port: this.port,
        method,
        path,
        headers: sent,
        setHost: !('host' in sent),
        agent: false,
      });
      asked.on('response', (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const bytes = Buffer.concat(parts);
          const text = bytes.toString();
          const isJson = /json/.test(response.headers['content-type'] ?? '');
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            body: bytes,
            text,
            json: isJson ? JSON.parse(text) : null,
          });
        });
        response.on('error', reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  get(path: string, headers: Headers = {}): Promise<Answer> {
    return this.send('GET', path, { cookie: this.cookie, 'sec-fetch-site': 'same-origin', ...headers });
  }

  post(path: string, body: unknown, headers: Headers = {}): Promise<Answer> {
    const page = {
      cookie: this.cookie,
      origin: this.origin,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
    };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.send('POST', path, { ...page, 'content-length': String(Buffer.byteLength(text)), ...headers }, text);
  }

  async signIn(address: string): Promise<Answer> {
    const { pathname, search } = new URL(address);
    const answer = await this.send('GET', `${pathname}${search}`);
    this.cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? this.cookie;
    return answer;
  }
}

export const codeOf = ({ json }: Answer): string => (json as ApiError).error.code;

/** Bytes as they are, for requests that no client sends. @returns what came back before the connection ended */
export function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.setTimeout(5000, () => socket.destroy());
    socket.on('data', (part) => {
      answer += part;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
  });
}

/** A studio in this process, and someone who is signed in. */
export async function openStudio(
  options: Partial<ServeOptions> & { source: string; project: string },
): Promise<{ running: RunningStudio; client: Client }> {
  const running = await startStudio({ weights: null, ...options });
  const client = new Client(running.port);
  await client.signIn(running.address());
  return { running, client };
}
