/**
 * @file The third group of rules: what another page may make a browser send. Other ports of this machine are the same site, so that
 * SameSite cookies do come from them; Origin and Sec-Fetch-Site tell them apart. No answer ever allows another origin to read it.
 */
import type { IncomingMessage } from 'node:http';
import { Refusal } from '../refusal.js';

const READING = new Set(['GET', 'HEAD']);

/**
 * @param host as `requireHost` returned it
 * @param trusted whether browsers send Sec-Fetch-Site here, as they do to loopback addresses
 * @throws Refusal FORBIDDEN_ORIGIN, NOT_JSON, BAD_REQUEST
 */
export function requireOrigin({ method = '', headers }: IncomingMessage, host: string, trusted: boolean): void {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (READING.has(method)) {
    if (origin !== undefined && origin !== `http://${host}`) throw forbidden(origin);
    // A page elsewhere may lead here as a link does (a navigation of a whole tab), and may not embed or fetch anything.
    const opened = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opened) throw forbidden(String(site));
    return;
  }
  if (method !== 'POST') throw new Refusal('BAD_REQUEST', `there is no ${method} here`);
  if (origin !== `http://${host}`) throw forbidden(origin ?? 'none');
  if (site === undefined ? trusted : site !== 'same-origin') throw forbidden(`sec-fetch-site ${site ?? 'missing'}`);
  if (!/^application\/json(;\s*charset=utf-8)?$/i.test(headers['content-type'] ?? '')) {
    throw new Refusal('NOT_JSON', 'a POST must be of content-type application/json');
  }
}

const forbidden = (from: string): Refusal =>
  new Refusal(
    'FORBIDDEN_ORIGIN',
    `requests from elsewhere are not answered (${from.slice(0, 100)})`,
    'use the page of this studio',
  );
