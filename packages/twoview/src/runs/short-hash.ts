/** @file What tells one thing from any other in a name that a person can read. */
import { createHash } from 'node:crypto';

/** @returns 16 hexadecimal digits: the first 64 bits of SHA-256 */
export const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
