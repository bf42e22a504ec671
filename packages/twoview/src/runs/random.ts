/** @file Every random draw comes from (seed, stream, step), so that a run can be taken up anywhere and draw the same. */
import { createHash } from 'node:crypto';
import * as torch from '@twoview/torch';

/** @returns a 53-bit seed: the first bits of SHA-256 over the three */
export function streamSeed(seed: number, stream: string, step: number): number {
  const digest = createHash('sha256').update(`${seed}/${stream}/${step}`).digest();
  return Number(digest.readBigUInt64BE(0) >> 11n);
}

export function streamGenerator(seed: number, stream: string, step: number, device = 'cpu'): torch.Generator {
  return new torch.Generator(streamSeed(seed, stream, step), device);
}
