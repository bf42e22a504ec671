/** @file The sixth group of rules: an address that other machines reach is asked for twice, and what that means is said. */
import { isLoopback } from './host.js';

/** An address that others reach, and no name for it. */
export class ExposureError extends Error {
  override readonly name = 'ExposureError';
}

/** @returns what to print, or null on loopback @throws ExposureError where `host` is not loopback and no name is allowed */
export function exposureOf(host: string, allowed: readonly string[]): string | null {
  if (isLoopback(host)) return null;
  if (allowed.length === 0) {
    throw new ExposureError(
      `--host ${host} lets other machines in: it needs --allow-host NAME, the name by which they call this one`,
    );
  }
  return [
    `listening on ${host}: whoever reaches this machine under ${allowed.join(', ')} and has the printed address can see`,
    'all images of the source, label them, and start trainings. The connection is not encrypted.',
  ].join('\n');
}
