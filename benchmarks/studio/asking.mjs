/** @file A client of the studio's server, signed in as a page is, with as many connections as a browser has. */
import { Agent, request } from 'node:http';

/**
 * @param {string} address as the command printed it; its token is used up
 * @returns {Promise<{ cookie: { name: string, value: string }, get: Function, post: Function, timed: Function, close(): void }>}
 */
export async function signedIn(address) {
  const { port, origin, search } = new URL(address);
  const agent = new Agent({ keepAlive: true, maxSockets: 6 });
  let cookie = '';

  /** Never fails for a status: `status` and `json` say what came. `ms` is from the first byte sent to the last received. */
  function timed(method, path, body) {
    const started = performance.now();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      cookie,
      'sec-fetch-site': 'same-origin',
      ...(text !== undefined && {
        origin,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      }),
    };
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, method, path, headers, agent }, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const ms = performance.now() - started;
          const bytes = Buffer.concat(parts);
          const isJson = /json/.test(response.headers['content-type'] ?? '');
          const { statusCode: status, headers } = response;
          resolve({ ms, status, headers, text: bytes.toString(), json: isJson ? JSON.parse(bytes) : null });
        });
      });
      asked.on('error', reject);
      asked.end(text);
    });
  }
  const must = async (method, path, body) => {
    const answer = await timed(method, path, body);
    if (answer.status !== 200)
      throw new Error(`${method} ${path} answered ${answer.status}: ${answer.json?.error?.what ?? answer.text}`);
    return answer.json ?? answer.text;
  };
  const { headers } = await timed('GET', `/${search}`);
  cookie = headers['set-cookie'][0].split(';')[0];
  const [name, value] = cookie.split('=');
  return {
    cookie: { name, value },
    timed,
    get: (path) => must('GET', path),
    post: (path, body = {}) => must('POST', path, body),
    close: () => agent.destroy(),
  };
}
