/** @file Results that are one file: what is there already is never written over. */
import { existsSync } from 'node:fs';
import { TwoviewError } from '../errors.js';

/** @param out what `--out` names @throws TwoviewError RUN_EXISTS */
export function requireNewFile(out: string): void {
  if (!existsSync(out)) return;
  throw new TwoviewError('RUN_EXISTS', {
    what: 'this file exists already',
    where: `--out ${out}`,
    next: ['--out OTHER  writes another one'],
  });
}
