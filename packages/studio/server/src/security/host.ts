/**
 * @file The first group of rules: a page elsewhere may let its own name resolve to 127.0.0.1 (DNS rebinding, as in MLflow's
 * CVE-2025-14279), so only requests for the names that this server was told to have are answered, before they are routed.
 */
import type { IncomingMessage } from 'node:http';
import { Refusal } from '../refusal.js';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);

export const isLoopback = (host: string): boolean => LOOPBACK.has(host);

/** @returns the values that the header Host may have */
export function hostsOf(port: number, allowed: readonly string[]): ReadonlySet<string> {
  const withPort = (name: string) => `${name.includes(':') ? `[${name}]` : name}:${port}`.toLowerCase();
  return new Set([...LOOPBACK, ...allowed].map(withPort));
}

/** @returns the host that was asked for @throws Refusal FORBIDDEN_HOST, BAD_REQUEST */
export function requireHost({ url = '', headers, rawHeaders }: IncomingMessage, hosts: ReadonlySet<string>): string {
  // Node keeps the first of several; another reader on the way might take the last.
  const named = rawHeaders.filter((_, i) => i % 2 === 0 && rawHeaders[i]!.toLowerCase() === 'host').length;
  const host = headers.host?.toLowerCase() ?? '';
  if (named !== 1 || !hosts.has(host)) {
    throw new Refusal(
      'FORBIDDEN_HOST',
      `this server does not answer for the host ${JSON.stringify(host.slice(0, 100))}`,
      'open the address that twoview studio printed; --allow-host NAME adds a name',
    );
  }
  // "GET http://elsewhere/ HTTP/1.1" names a host a second time, and "//elsewhere/" would be read as one.
  if (!url.startsWith('/') || url.startsWith('//') || url.includes('\\')) {
    throw new Refusal('BAD_REQUEST', 'the address of a request must be a path');
  }
  return host;
}
